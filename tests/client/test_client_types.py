"""What type checkers say of programs that use the client."""

import re
import subprocess
import sys
import textwrap

import pytest

pytest.importorskip("mypy")

GOOD = """
    import io
    from typing import List

    from notifications_python_client import AsyncNotificationsAPIClient, NotificationsAPIClient, Retries
    from notifications_python_client import prepare_upload
    from notifications_python_client.answers import Notification, Status
    from notifications_python_client.bulk import Message, Outcome
    from notifications_python_client.callbacks import parse_callback
    from notifications_python_client.errors import HTTPError, RateLimitError

    client = NotificationsAPIClient("key", base_url="http://localhost", retries=Retries(attempts=2))
    sent = client.send_sms_notification("07900900123", "t", personalisation={"name": "Jo"}, reference="r")
    number: str = sent["content"]["from_number"]
    version: int = sent["template"]["version"]
    upload = prepare_upload(io.BytesIO(b"a"), "a.txt")
    subject: str = client.send_email_notification("a@b.uk", "t", {"file": upload})["content"]["subject"]
    failed: List[Notification] = [
        n for n in client.get_all_notifications_iterator(status=["failed"]) if n["status"] == "permanent-failure"
    ]
    status: Status = client.wait_for_status("1", "delivered")["status"]
    messages: List[Message] = [{"phone_number": "07900900123", "template_id": "t"}]
    outcomes: List[Outcome] = client.send_many(messages, progress=lambda p: print(p.done, p.total))


    def act(error: HTTPError) -> float:
        return error.retry_after or 0.0 if isinstance(error, RateLimitError) and error.is_retryable else 0.0


    async def main() -> str:
        async with AsyncNotificationsAPIClient("key") as other:
            async for text in other.get_received_texts_iterator():
                print(text["content"])
            return (await other.get_template("1"))["name"]


    def receive(headers: dict[str, str], body: bytes) -> str:
        event = parse_callback(headers, body, bearer_token="token")
        if event["kind"] == "delivery-status":
            return event["status"]
        return event["message"] if event["kind"] == "received-text" else event["notification_id"]
"""

WRONG = {
    'sent["contents"]': 'has no key "contents"',
    'sent["content"]["subject"]': 'has no key "subject"',
    'client.get_notification_by_id("1")["status"] == "deliverd"': "Non-overlapping equality check",
    'client.get_template("1")["version"] + "1"': "Unsupported operand types",
    "client.send_sms_notification()": "Missing positional arguments",
    "client.send_letter_notification('t')": "Missing positional argument",
    "NotificationsAPIClient('key', retries='yes')": 'has incompatible type "str"',
    "client.send_many(['07900900123'])": "incompatible type",
}


@pytest.fixture(scope="module")
def complaints(tmp_path_factory):
    """Run mypy over a program, once: the good part and then the wrong lines."""
    folder = tmp_path_factory.mktemp("program")
    good = textwrap.dedent(GOOD)
    (folder / "program.py").write_text(good + "\n".join(WRONG) + "\n")
    arguments = ["--strict", "--cache-dir", str(folder / "cache"), "--python-version", "3.11", "program.py"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments], capture_output=True, text=True, cwd=folder, check=False
    )
    found = re.findall(r"^program\.py:(\d+): error: (.*)$", done.stdout, re.MULTILINE)
    return good.count("\n"), {int(line): message for line, message in found}


def test_a_program_that_is_right_has_no_complaints(complaints):
    lines, found = complaints
    assert {line: message for line, message in found.items() if line <= lines} == {}


@pytest.mark.parametrize(("place", "expected"), list(enumerate(WRONG.values(), 1)))
def test_mistakes_are_found(complaints, place, expected):
    lines, found = complaints
    assert expected in found.get(lines + place, "no complaint")


def test_pyright_has_no_complaints_in_its_strict_mode(tmp_path):
    pytest.importorskip("basedpyright")
    (tmp_path / "program.py").write_text(textwrap.dedent(GOOD))
    (tmp_path / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict", "pythonVersion": "3.11"}')
    command = [sys.executable, "-m", "basedpyright", "--pythonpath", sys.executable, "program.py"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout
