"""The `Authorization` header of a request, right or deliberately wrong.

Tokens are put together by hand: libraries refuse to make the ones that a server must refuse to take.
"""

import base64
import hashlib
import hmac
import json
import re

from tests.contract.cases_file import Json
from tests.contract.fixture import Fixture

_TIME = re.compile(r"now(?:([+-])(\d+))?")
_HASHES = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}


def authorization(auth: Json, fixture: Fixture, now: float) -> str | None:
    """The header that an `auth` field asks for; None if there must be none.

    Args:
        auth: `none`, a key's name, or an object as `cases/README.md` describes it.
        fixture: where keys are looked up.
        now: seconds since the epoch.

    Raises:
        KeyError: the fixture has no such key.
    """
    if auth == "none":
        return None
    if isinstance(auth, str):
        auth = {"jwt": {"key": auth}}
    if "header" in auth:
        return str(auth["header"])
    if "basic" in auth:
        return f"Basic {base64.b64encode(auth['basic'].encode()).decode()}"
    return f"{auth.get('scheme', 'Bearer')} {_token(auth['jwt'], fixture, int(now))}"


def _token(wanted: dict[str, Json], fixture: Fixture, now: int) -> str:
    claims: dict[str, Json] = {"iss": None, "iat": now + wanted.get("iat", 0)}
    secret = ""
    if "key" in wanted:
        key = fixture.key(wanted["key"])
        claims["iss"], secret = key.service_id, key.secret
    claims["iss"] = wanted.get("iss", claims["iss"])
    claims |= {name: _claim(value, now) for name, value in wanted.get("claims", {}).items()}
    for name in wanted.get("omit", []):
        claims.pop(name, None)
    return sign(claims, wanted.get("secret", secret), wanted.get("alg", "HS256"))


def sign(claims: dict[str, Json], secret: str, algorithm: str = "HS256") -> str:
    """A signed token; `none` and algorithms that need more than a secret get an empty signature."""
    unsigned = b".".join(_encoded(part) for part in ({"typ": "JWT", "alg": algorithm}, claims))
    hash_name = _HASHES.get(algorithm)
    signature = hmac.digest(secret.encode(), unsigned, hash_name) if hash_name else b""
    return b".".join((unsigned, _base64(signature))).decode()


def _claim(value: Json, now: int) -> Json:
    time = _TIME.fullmatch(value) if isinstance(value, str) else None
    return value if time is None else now + int(f"{time[1] or '+'}{time[2] or 0}")


def _encoded(part: dict[str, Json]) -> bytes:
    return _base64(json.dumps(part, separators=(",", ":")).encode())


def _base64(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")
