"""Who may ask: every row of the contract's table of tokens, in its order, and whatever a header may hold."""

import base64
import json
import string
import time
import uuid
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from pillarbox.api.auth import authenticate
from pillarbox.api.errors import ApiError
from pillarbox.api.tokens import Token, UnreadableTokenError
from pillarbox.store.services import ApiKey, Service
from tests.contract.tokens import sign

_EXAMPLE = (
    "Invalid token: make sure your API token matches the example at "
    "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
)
_CLOCK = "Error: Your system clock must be accurate to within 30 seconds"


def key(kind: str = "normal", *, revoked: bool = False) -> ApiKey:
    return ApiKey(uuid.uuid4(), kind, str(uuid.uuid4()).encode(), revoked)  # type: ignore[arg-type] # from a table


def service(*keys: ApiKey, active: bool = True) -> Service:
    return Service(
        id=uuid.uuid4(),
        name="Pigeons",
        email_local_part="pigeons",
        restricted=False,
        active=active,
        permissions=frozenset({"sms"}),
        prefix_sms=True,
        rate_limit=3000,
        daily_limits={},
        contact_link=None,
        guest_list=(),
        team=(),
        sms_senders=(),
        email_reply_to=(),
        api_keys=keys,
    )


LIVE, TEAM, REVOKED = key(), key("team"), key(revoked=True)
OURS = service(REVOKED, LIVE, TEAM)
KEYLESS, ARCHIVED = service(), service(key(), active=False)


class KnownServices:
    """The store's part in it: services by id."""

    async def find(self, service_id: uuid.UUID) -> Service | None:
        return next((one for one in (OURS, KEYLESS, ARCHIVED) if one.id == service_id), None)


@dataclass
class _Store:
    services: KnownServices


def asking(header: str | bytes | None) -> Request:
    raw = header.encode("latin-1") if isinstance(header, str) else header
    headers = [] if raw is None else [(b"authorization", raw)]
    return Request({"type": "http", "headers": headers, "state": {"store": _Store(KnownServices())}})


def token(secret: bytes = LIVE.secret, alg: str = "HS256", omit: str = "", **claims: Any) -> str:
    given = {"iss": str(OURS.id), "iat": int(time.time())} | claims
    given.pop(omit, None)
    return "Bearer " + sign(given, secret.decode(), alg)


def in_seconds(seconds: float) -> float:
    return int(time.time()) + seconds


def encoded(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


ACCEPTED = {
    "the usual one": token,
    "another key of the service": lambda: token(TEAM.secret),
    "bearer in lower case": lambda: token().replace("Bearer", "bearer"),
    "iss in upper case": lambda: token(iss=str(OURS.id).upper()),
    "iss without hyphens": lambda: token(iss=OURS.id.hex),
    "iss in braces": lambda: token(iss=f"{{{OURS.id}}}"),
    "thirty seconds ago": lambda: token(iat=in_seconds(-30)),
    "thirty seconds ahead": lambda: token(iat=in_seconds(30)),
    "a fraction": lambda: token(iat=time.time()),
    "not expired": lambda: token(exp=in_seconds(10)),
    "expired within the leeway": lambda: token(exp=in_seconds(-10)),
    "good in a moment": lambda: token(nbf=in_seconds(20)),
    "claims that nobody knows": lambda: token(jti="x", nothing=None, deep={"a": [1]}),
}

REFUSED = {
    "no header": (lambda: None, 401, "Unauthorized: authentication token must be provided"),
    "an empty header": (lambda: "", 401, "Unauthorized: authentication token must be provided"),
    "another scheme": (lambda: "Basic abc", 401, "Unauthorized: authentication bearer scheme must be used"),
    "bearer alone": (lambda: "Bearer", 401, "Unauthorized: authentication bearer scheme must be used"),
    "nothing after bearer": (lambda: "Bearer ", 403, _EXAMPLE),
    "no token": (lambda: "Bearer nonsense", 403, _EXAMPLE),
    "two parts": (lambda: "Bearer a.b", 403, _EXAMPLE),
    "a list for claims": (lambda: f"Bearer {encoded({'alg': 'HS256'})}.{encoded([1])}.x", 403, _EXAMPLE),
    "no iss": (lambda: token(omit="iss"), 403, "Invalid token: iss field not provided"),
    "iss null": (lambda: token(iss=None), 403, "Invalid token: service id is not the right data type"),
    "iss a number": (lambda: token(iss=5), 403, "Invalid token: service id is not the right data type"),
    "iss no UUID": (
        lambda: token(iss="pigeons"),
        403,
        "Invalid token: service id is not the right data type",
    ),
    "unknown service": (lambda: token(iss=str(uuid.uuid4())), 403, "Invalid token: service not found"),
    "no keys": (lambda: token(iss=str(KEYLESS.id)), 403, "Invalid token: service has no API keys"),
    "archived": (lambda: token(iss=str(ARCHIVED.id)), 403, "Invalid token: service is archived"),
    "HS512": (lambda: token(alg="HS512"), 403, "Invalid token: algorithm used is not HS256"),
    "none": (lambda: token(alg="none"), 403, "Invalid token: algorithm used is not HS256"),
    "too old": (lambda: token(iat=in_seconds(-32)), 403, _CLOCK),
    "from the future": (lambda: token(iat=in_seconds(33)), 403, _CLOCK),
    "iat a text": (lambda: token(iat="now"), 403, _CLOCK),
    "not good yet": (lambda: token(nbf=in_seconds(60)), 403, _CLOCK),
    "expired": (lambda: token(exp=in_seconds(-40)), 403, _EXAMPLE),
    "for somebody": (lambda: token(aud="us"), 403, _EXAMPLE),
    "revoked": (lambda: token(REVOKED.secret), 403, "Invalid token: API key revoked"),
    "wrong secret": (lambda: token(b"x" * 36), 403, "Invalid token: API key not found"),
    "no iat": (lambda: token(omit="iat"), 403, "Invalid token: API key not found"),
    "old, and a wrong secret": (
        lambda: token(b"x" * 36, iat=in_seconds(-90)),
        403,
        "Invalid token: API key not found",
    ),
}


@pytest.mark.parametrize("make", ACCEPTED.values(), ids=ACCEPTED)
async def test_good_tokens_name_service_and_key(make) -> None:
    caller = await authenticate(asking(make()))
    assert caller.service is OURS
    assert caller.key in (LIVE, TEAM)


@pytest.mark.parametrize(("make", "status", "message"), REFUSED.values(), ids=REFUSED)
async def test_bad_tokens_get_the_contracts_words(make, status, message) -> None:
    with pytest.raises(ApiError) as refused:
        await authenticate(asking(make()))
    assert (refused.value.status, refused.value.error, refused.value.messages) == (
        status,
        "AuthError",
        (message,),
    )


async def refusal(header: bytes | str) -> ApiError | None:
    try:
        await authenticate(asking(header))
    except ApiError as error:
        return error
    return None


@given(st.binary(max_size=200).map(lambda rest: b"Bearer " + rest) | st.binary(max_size=50))
async def test_whatever_a_header_holds_it_is_refused_in_order(header) -> None:
    error = await refusal(header)
    assert error is not None
    assert error.status in (401, 403)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_CLAIMS = st.fixed_dictionaries(
    {}, optional={name: _JSON | st.just(str(OURS.id)) for name in ("iss", "iat", "exp", "nbf", "aud", "jti")}
)


@given(claims=_CLAIMS, algorithm=_JSON, right=st.booleans())
async def test_whatever_claims_hold_nothing_but_a_refusal_is_raised(claims, algorithm, right) -> None:
    """Signed with a key of ours or with none, with any algorithm named in the header."""
    made = sign(claims, (LIVE.secret if right else b"wrong").decode(), "HS256")
    if not right:
        made = ".".join((encoded({"alg": algorithm}), *made.split(".")[1:]))
    error = await refusal(f"Bearer {made}")
    assert error is None or error.status == 403
    assert right or error is not None


@given(st.text(string.ascii_letters + string.digits + "-_.=", max_size=120))
def test_reading_a_token_raises_nothing_but_that_it_is_unreadable(text) -> None:
    try:
        read = Token.read(text)
    except UnreadableTokenError:
        return
    assert msgspec.json.encode(read.claims)


def test_a_changed_signature_is_never_good() -> None:
    made = token().removeprefix("Bearer ")
    head, claims, signature = made.split(".")
    for position in range(0, len(signature) - 1, 5):
        swapped = "A" if signature[position] != "A" else "B"
        changed = signature[:position] + swapped + signature[position + 1 :]
        assert not Token.read(f"{head}.{claims}.{changed}").is_signed_with(LIVE.secret)
