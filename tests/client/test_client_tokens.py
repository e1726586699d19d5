"""Tokens: made for the server, read back by `decode_jwt_token`."""

import time

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications_python_client import errors
from notifications_python_client.authentication import create_jwt_token, decode_jwt_token, get_token_issuer

SECRET = "4bfa8c16-306e-4fb6-8e1b-d224acaa158b"


def token(secret=SECRET, algorithm="HS256", **claims):
    claims = {"iss": "service", "iat": int(time.time()), **claims}
    return jwt.encode({k: v for k, v in claims.items() if v is not None}, secret, algorithm=algorithm)


@given(st.text(min_size=32, max_size=40), st.text())
def test_anybody_with_the_secret_can_read_a_token(secret, issuer):
    claims = jwt.decode(create_jwt_token(secret, issuer), secret, algorithms=["HS256"])
    assert claims["iss"] == issuer
    assert abs(claims["iat"] - time.time()) <= 2


def test_what_is_made_is_accepted():
    assert decode_jwt_token(create_jwt_token(SECRET, "service"), SECRET)["iss"] == "service"
    assert get_token_issuer(create_jwt_token(SECRET, "service")) == "service"


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda: "no token", errors.TokenDecodeError),
        (lambda: token(secret="x" * 36), errors.TokenDecodeError),
        (lambda: token(algorithm="HS384", secret="y" * 48), errors.TokenAlgorithmError),
        (lambda: token(iss=None), errors.TokenIssuerError),
        (lambda: token(iat=None), errors.TokenIssuedAtError),
        (lambda: token(iat="today"), errors.TokenIssuedAtError),
        (lambda: token(iat=int(time.time()) - 32), errors.TokenExpiredError),
        (lambda: token(iat=int(time.time()) + 32), errors.TokenExpiredError),
        (lambda: token(exp=int(time.time()) - 40), errors.TokenExpiredError),
        (lambda: token(nbf=int(time.time()) + 40), errors.TokenExpiredError),
        (lambda: token(aud="someone"), errors.TokenDecodeError),
    ],
)
def test_a_wrong_token_says_what_is_wrong(made, kind):
    with pytest.raises(errors.TokenError) as raised:
        decode_jwt_token(made(), SECRET)
    assert type(raised.value) is kind
    ending = (
        ". See our requirements for JSON Web Tokens at "
        "https://docs.notifications.service.gov.uk/rest-api.html#authorisation-header"
    )
    assert str(raised.value) == raised.value.message
    assert raised.value.message.endswith(ending)
    assert raised.value.token is not None


@pytest.mark.parametrize("offset", [-29, 29])
def test_a_clock_half_a_minute_off_is_forgiven(offset):
    assert decode_jwt_token(token(iat=int(time.time()) + offset), SECRET)


@pytest.mark.parametrize(
    ("text", "kind"), [("a.b", errors.TokenDecodeError), (None, errors.TokenIssuerError)]
)
def test_an_issuer_must_be_there_to_be_read(text, kind):
    with pytest.raises(kind):
        get_token_issuer(text or token(iss=None))
