"""What the sandbox writes down is what the worker reads, and nobody else can write in its name."""

from datetime import UTC, datetime

import pytest

from pillarbox.messages.posts import (
    Caller,
    Incoming,
    Post,
    Receipt,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.rehearsal.posts import SandboxIntake, written

INTAKE = SandboxIntake("sandbox")


@pytest.mark.parametrize(
    "news",
    [
        Receipt("0198c0de-0000-7000-8000-000000000001", "delivered", reason="a rule"),
        Receipt("0198c0de-0000-7000-8000-000000000001", "pending"),
        Incoming("447700900456", "07700900500", "STOP", "its id", datetime(2026, 11, 22, tzinfo=UTC)),
        Incoming("447700900456", "07700900500", "żółw 🐢\n"),
    ],
)
def test_what_is_written_is_read_again(news):
    post = written("sandbox", news)
    assert (post.provider, post.kind) == (
        "sandbox",
        "receipt" if isinstance(news, Receipt) else "received_text",
    )
    assert INTAKE.read(post) == [news]


@pytest.mark.parametrize("kind", ["receipt", "received_text"])
@pytest.mark.parametrize(
    "body", [b"", b"null", b"{}", b"[]", b'{"reference": 5}', b"\xff", b'{"reference": "a", "status": "x"}']
)
def test_anything_else_cannot_be_read(kind, body):
    with pytest.raises(UnreadablePostError):
        INTAKE.read(Post("sandbox", kind, body))


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer x"}])
def test_nobody_may_post_in_its_name(headers):
    with pytest.raises(UnauthorisedPostError) as refused:
        INTAKE.authenticate(Post("sandbox", "receipt", b"{}"), Caller("127.0.0.1", headers))
    assert refused.value.missing is not bool(headers)
    assert not INTAKE.takes("receipt")
