import jwt
import pytest

from tests.contract.fixture import Fixture
from tests.contract.tokens import authorization

FIXTURE = Fixture()
MAIN = FIXTURE.key("main.live")
NOW = 1_700_000_000.7


def claims(auth, secret=MAIN.secret, algorithm="HS256"):
    scheme, token = authorization(auth, FIXTURE, NOW).split()
    assert scheme == "Bearer"
    options = {
        "verify_iat": False,
        "verify_exp": False,
        "verify_aud": False,
        "verify_iss": False,
        "require": [],
    }
    return jwt.decode(token, secret, algorithms=[algorithm], options=options)


@pytest.mark.parametrize("auth", ["live", "main.live", {"jwt": {"key": "live"}}])
def test_a_keys_name_gives_a_token_signed_with_it(auth) -> None:
    assert claims(auth) == {"iss": MAIN.service_id, "iat": 1_700_000_000}


@pytest.mark.parametrize(
    ("wanted", "change"),
    [
        ({"iss": "someone"}, {"iss": "someone"}),
        ({"iat": -60}, {"iat": 1_700_000_000 - 60}),
        ({"claims": {"exp": "now+100", "nbf": "now-5", "x": "now"}},
         {"exp": 1_700_000_100, "nbf": 1_699_999_995, "x": 1_700_000_000}),
        ({"claims": {"foo": "nowhere", "aud": "a"}}, {"foo": "nowhere", "aud": "a"}),
    ],
)  # fmt: skip
def test_claims_are_added_or_replaced(wanted, change) -> None:
    expected = {"iss": MAIN.service_id, "iat": 1_700_000_000} | change
    assert claims({"jwt": {"key": "live", **wanted}}) == expected


def test_claims_that_a_library_would_refuse_are_signed_all_the_same() -> None:
    header = authorization(
        {"jwt": {"key": "live", "claims": {"iss": None}, "raw_claims": True}}, FIXTURE, NOW
    )
    payload = jwt.api_jws.decode(header.split()[1], MAIN.secret, algorithms=["HS256"])
    assert payload == b'{"iss":null,"iat":1700000000}'


def test_claims_can_be_left_out() -> None:
    assert claims({"jwt": {"key": "live", "omit": ["iat", "never"]}}) == {"iss": MAIN.service_id}


def test_another_secret_or_algorithm_signs_when_told_to() -> None:
    assert claims({"jwt": {"iss": "i", "secret": "s" * 64, "alg": "HS512"}}, "s" * 64, "HS512")["iss"] == "i"


def test_a_token_of_no_algorithm_has_no_signature() -> None:
    header = authorization({"jwt": {"key": "live", "alg": "none"}}, FIXTURE, NOW)
    assert header.endswith(".")
    assert jwt.get_unverified_header(header.split()[1]) == {"typ": "JWT", "alg": "none"}


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ("none", None),
        ({"header": "Basic 1234"}, "Basic 1234"),
        ({"basic": "user:pass"}, "Basic dXNlcjpwYXNz"),
    ],
)
def test_other_headers_come_as_they_are(auth, header) -> None:
    assert authorization(auth, FIXTURE, NOW) == header


def test_the_scheme_may_be_spelt_otherwise() -> None:
    assert authorization({"scheme": "bearer", "jwt": {"key": "live"}}, FIXTURE, NOW).startswith("bearer ey")


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        authorization("main.nobody", FIXTURE, NOW)
