"""Every recorded client case, against a real HTTP stub."""

import base64
import io
import json
import time
from pathlib import Path
from typing import Any, Callable, Dict, List

import jwt
import pytest

import notifications_python_client
from notifications_python_client import NotificationsAPIClient
from tests.client.stub_server import Seen, StubServer

CASES = Path(__file__).parents[1] / "contract" / "cases" / "client.jsonl"

SPECIAL: Dict[str, Callable[[Any], Any]] = {
    "$file": lambda text: io.BytesIO(base64.b64decode(text)),
    "$file_of_bytes": lambda size: io.BytesIO(b"x" * size),
    "$set": set,
    "$bytesio": base64.b64decode,
}


def cases() -> List[Any]:
    rows = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [pytest.param(row, id=f"{row['id']} {row['given']}") for row in rows]


def plain(value: Any, stub: str) -> Any:
    """Turn a recorded value into a Python one."""
    if isinstance(value, str):
        return value.replace("${STUB}", stub)
    if isinstance(value, list):
        return [plain(item, stub) for item in value]
    if not isinstance(value, dict):
        return value
    name = next(iter(value), "")
    if name in SPECIAL:
        return SPECIAL[name](value[name])
    return {name: plain(item, stub) for name, item in value.items()}


def run(case: Dict[str, Any], stub: str) -> Any:
    if case["construct"] is None:
        return ask(notifications_python_client, plain(case["call"], stub))
    construct = plain(case["construct"], stub)
    with NotificationsAPIClient(*construct["args"], **construct["kwargs"]) as client:
        return client if case["call"] is None else ask(client, plain(case["call"], stub))


def ask(owner: Any, call: Dict[str, Any]) -> Any:
    answer = getattr(owner, call.get("method") or call["function"])(*call["args"], **call["kwargs"])
    return list(answer) if call.get("collect") else answer


def check_request(seen: Seen, expected: Dict[str, Any]) -> None:
    assert (seen.method, seen.path) == (expected["method"], expected["path"])
    assert [list(pair) for pair in seen.query] == expected["query"]
    if expected.get("no_body"):
        assert seen.body == b""
    if "json" in expected:
        assert seen.json == expected["json"]
    headers = {name.lower(): value for name, value in seen.headers.items()}
    for name, value in expected.get("headers", {}).items():
        assert headers[name.lower()] == value
    check_token(headers["authorization"], expected.get("jwt"))


def check_token(authorization: str, expected: Any) -> None:
    token = authorization[len("Bearer ") :]
    secret = "4bfa8c16-306e-4fb6-8e1b-d224acaa158b"
    claims = jwt.decode(token, secret, algorithms=["HS256"])
    assert jwt.get_unverified_header(token) == {"typ": "JWT", "alg": "HS256"}
    assert claims["iss"] == "fce57985-d0af-4a5b-a70d-fce91c892c49"
    assert abs(claims["iat"] - time.time()) < 5
    for name, value in (expected or {}).items():
        assert claims.get(name) == value or value == "<any>"


def check_raised(error: Exception, expected: Dict[str, Any]) -> None:
    ancestry = [kind.__name__ for kind in type(error).__mro__]
    assert expected["type"] in ancestry
    assert set(expected.get("bases", [])) <= set(ancestry)
    for name in ("status_code", "message"):
        if name in expected:
            assert getattr(error, name) == expected[name]
    if "str" in expected:
        assert str(error) == expected["str"]


@pytest.mark.parametrize("case", cases())
def test_behaves_as_recorded(case):
    expect = case["expect"]
    with StubServer(case["server"]) as stub:
        if "raises" in expect:
            with pytest.raises(Exception) as raised:
                run(case, stub.url)
            check_raised(raised.value, expect["raises"])
        else:
            answer = run(case, stub.url)
            if "returns" in expect:
                got = answer.getvalue() if isinstance(answer, io.BytesIO) else answer
                assert got == plain(expect["returns"], stub.url)
            for name, value in expect.get("attributes", {}).items():
                assert getattr(answer, name) == value
    if "requests" in expect:
        assert len(stub.seen) == len(expect["requests"])
        for seen, expected in zip(stub.seen, expect["requests"]):
            check_request(seen, expected)


def test_all_recorded_cases_are_read():
    assert len(cases()) >= 34
