"""What schemathesis needs to know of us: a fresh token for each request, and now and then an id that is there."""

import os
import random
import time
from typing import Any

import schemathesis
from hypothesis import strategies as st

from tests.contract.tokens import sign

_SERVICE, _SECRET = os.environ["TEST_SERVICE_ID"], os.environ["TEST_SECRET"]
_TEMPLATES = dict(pair.split("=") for pair in os.environ["TEST_TEMPLATES"].split(","))
_PATHS = {f"/v2/notifications/{channel}": channel for channel in _TEMPLATES}
# Values are made up by numbers of our own, so that hypothesis can repeat what it found.
_choices = random.Random(20_261_122)

schemathesis.openapi.format(
    "phone-number", st.sampled_from(["07900900123", "+44 7900 900 123", "07700900002"])
)


@schemathesis.auth()
class Token:
    """Tokens are good for half a minute: one for each request."""

    def get(self, _case: Any, _context: Any) -> str:
        return sign({"iss": _SERVICE, "iat": int(time.time())}, _SECRET)

    def set(self, case: Any, data: str, _context: Any) -> None:
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    """Most bodies that name a template name one that is there, with a value for its placeholder."""
    channel = _PATHS.get(context.operation.path)
    if (
        channel
        and isinstance(body, dict)
        and isinstance(body.get("template_id"), str)
        and _choices.random() < 0.7
    ):
        body["template_id"] = _TEMPLATES[channel]
        if isinstance(body.get("personalisation"), dict):
            body["personalisation"].setdefault("name", "Jo")
    return body


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    """Half of the templates in paths are there."""
    if path_parameters and isinstance(path_parameters.get("template_id"), str) and _choices.random() < 0.5:
        path_parameters["template_id"] = _choices.choice(list(_TEMPLATES.values()))
    return path_parameters
