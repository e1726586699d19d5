"""Simulating that somebody texts a service, and seeing what services have received."""

from uuid import UUID

import pytest

from pillarbox.actions.receive_text import receive_text
from pillarbox.messages.posts import Post
from pillarbox.rehearsal.posts import SandboxIntake
from tests.support.api import provision
from tests.support.factories import MadeService, document

ONE, TWO, DEAF = MadeService("one"), MadeService("two"), MadeService("deaf")
NUMBERS = {ONE.id: "07700 900500", TWO.id: "07700900501", DEAF.id: "07700900502"}


@pytest.fixture(scope="session")
def services(inbox_database):
    provision(inbox_database, document(ONE, TWO, DEAF))


@pytest.fixture
async def inbox(inbox, services):
    async with inbox.store.pool.connection() as connection:
        await connection.execute("delete from provider_post")
        await connection.execute("delete from received_text")
        for service, number in NUMBERS.items():
            permissions = ["sms"] if service == DEAF.id else ["sms", "inbound_sms"]
            await connection.execute(
                "update service set inbound_number = %s, permissions = %s where id = %s",
                [number, permissions, service],
            )
    return inbox


async def posts(inbox):
    async with inbox.store.pool.connection() as connection:
        cursor = await connection.execute("select provider, kind, body, content_type from provider_post")
        return [Post(*row) for row in await cursor.fetchall()]


async def simulate(inbox, **fields):
    values = {"from": "07700 900456", "message": "STOP", **fields}
    return await inbox.send("POST", "/inbox/received-texts", values)


@pytest.mark.parametrize(
    "to",
    [
        {"service_id": TWO.id},
        {"notify_number": "07700900501"},
        {"notify_number": "+44 7700 900501"},
    ],
)
async def test_a_text_is_kept_as_a_providers_post_and_reaches_its_service(inbox, to):
    answer = await simulate(inbox, **to)
    expected = {
        "service_id": TWO.id,
        "notify_number": "07700900501",
        "from": "07700 900456",
        "message": "STOP",
    }
    assert (answer.status, answer.json) == (202, expected)
    (post,) = await posts(inbox)
    assert post.kind == "received_text"
    (incoming,) = SandboxIntake(post.provider).read(post)
    assert await receive_text(inbox.store, post, incoming)
    (text,) = (await inbox.get("/inbox/received-texts")).json["received_texts"]
    assert text.pop("created_at").endswith("Z")
    assert UUID(text.pop("id"))
    assert text == expected | {"from": "447700900456"}


async def test_the_same_words_twice_are_two_texts(inbox):
    for _ in range(2):
        await simulate(inbox, service_id=ONE.id)
    for post in await posts(inbox):
        (incoming,) = SandboxIntake(post.provider).read(post)
        await receive_text(inbox.store, post, incoming)
    assert len((await inbox.get("/inbox/received-texts")).json["received_texts"]) == 2


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({}, "give either service_id or notify_number"),
        ({"service_id": ONE.id, "notify_number": "07700900500"}, "give either service_id or notify_number"),
        ({"notify_number": "07700900599"}, "no service receives texts at 07700900599"),
        (
            {"service_id": str(UUID(int=7))},
            f"service {UUID(int=7)} has no inbound_number, or there is no such service",
        ),
        ({"service_id": DEAF.id}, "deaf may not receive texts: it lacks the permission inbound_sms"),
        ({"service_id": ONE.id, "message": "a\0b"}, "there is a character in it that no text has"),
        ({"service_id": ONE.id, "from": "0\0"}, "there is a character in it that no text has"),
        (
            {"service_id": ONE.id, "message": "x" * 1601},
            "Expected `str` of length <= 1600 - at `$.message`",
        ),
        ({"service_id": ONE.id, "from": ""}, "Expected `str` of length >= 1 - at `$.from`"),
        ({"service_id": "one"}, "Invalid UUID - at `$.service_id`"),
        ({"service_id": ONE.id, "to": "x"}, "Object contains unknown field `to`"),
    ],
)
async def test_a_wrong_text_is_told_what_is_wrong_and_not_kept(inbox, fields, error):
    answer = await simulate(inbox, **fields)
    assert (answer.status, answer.json) == (400, {"error": error})
    assert await posts(inbox) == []
