"""Rules over HTTP: set, added, taken away, and refused with a reason."""

import json
from uuid import UUID, uuid4

import pytest

from pillarbox.rehearsal.rules import Scene

FAIL = {"to": "07700 900456", "outcome": "temporary-failure", "after": 2.0}
BUSY = {"to": "*@example.com", "times": 3, "outcome": "busy", "again_in": 1.0}


def scene(recipient="447700900456", **fields):
    values = {"provider": "sandbox", "channel": "sms", "template_id": None, "text": "Hello", **fields}
    return Scene(uuid4(), recipient=recipient, service_id=UUID(int=1), **values)


async def rules(inbox):
    answer = await inbox.get("/inbox/rules")
    assert answer.status == 200, answer.text
    return [{k: v for k, v in rule.items() if k != "id"} for rule in answer.json["rules"]]


async def outcome(inbox, recipient="447700900456"):
    """What a worker would do with a text."""
    rule = await inbox.store.rehearsals.rule(scene(recipient), [])
    return rule.outcome if rule else None


async def test_at_first_there_is_none(inbox):
    assert await rules(inbox) == []


async def test_a_list_takes_the_place_of_the_one_before(inbox):
    await inbox.send("PUT", "/inbox/rules", {"rules": [BUSY]})
    answer = await inbox.send("PUT", "/inbox/rules", {"rules": [FAIL, BUSY]})
    assert answer.status == 200
    assert answer.json == (await inbox.get("/inbox/rules")).json
    assert await rules(inbox) == [FAIL, {**BUSY, "used": 0}]


async def test_what_was_read_can_be_put_back(inbox):
    await inbox.send("PUT", "/inbox/rules", {"rules": [FAIL, BUSY]})
    before = await rules(inbox)
    body = (await inbox.get("/inbox/rules")).body
    assert (await inbox.send("PUT", "/inbox/rules", body)).status == 200
    assert await rules(inbox) == before


async def test_an_added_rule_gets_an_id_and_comes_last_or_first(inbox):
    answer = await inbox.send("POST", "/inbox/rules", FAIL)
    assert (answer.status, {**answer.json, "id": None}) == (201, {"id": None, **FAIL})
    assert UUID(answer.json["id"])
    await inbox.send("POST", "/inbox/rules", {"outcome": "rejected"})
    await inbox.send("POST", "/inbox/rules?place=first", {"outcome": "busy"})
    assert [rule["outcome"] for rule in await rules(inbox)] == ["busy", "temporary-failure", "rejected"]


async def test_a_rule_is_known_to_workers_when_the_answer_comes(inbox):
    for wanted in ("rejected", "busy", "unknown"):
        await inbox.store.rehearsals.rule(scene(), [])  # a worker that has just looked
        await inbox.send("PUT", "/inbox/rules", {"rules": [{"outcome": wanted}]})
        assert await outcome(inbox) == wanted


async def test_a_rule_can_be_taken_away_by_its_id_and_all_at_once(inbox):
    added = [(await inbox.send("POST", "/inbox/rules", rule)).json["id"] for rule in (FAIL, BUSY)]
    assert (await inbox.ask("DELETE", f"/inbox/rules/{added[0]}")).status == 204
    assert await rules(inbox) == [{**BUSY, "used": 0}]
    gone = await inbox.ask("DELETE", f"/inbox/rules/{added[0]}")
    assert (gone.status, gone.json) == (404, {"error": "there is no such rule"})
    assert (await inbox.ask("DELETE", "/inbox/rules")).status == 204
    assert await rules(inbox) == []


async def test_the_first_rule_that_fits_counts(inbox):
    await inbox.send("PUT", "/inbox/rules", {"rules": [FAIL, {"outcome": "rejected"}]})
    assert await outcome(inbox, "447700900456") == "temporary-failure"
    assert await outcome(inbox, "447700900457") == "rejected"


async def test_used_says_how_often_a_rule_has_applied(inbox):
    await inbox.send("PUT", "/inbox/rules", {"rules": [{"times": 3, "outcome": "busy"}]})
    await outcome(inbox)
    await outcome(inbox)
    assert (await rules(inbox))[0]["used"] == 2


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", "Input data was truncated"),
        (b"\xff", "JSON is malformed"),
        ([], "Expected `object`, got `array`"),
        ({"outcome": "lost"}, "Invalid enum value 'lost' - at `$.outcome`"),
        ({"too": "x"}, "Object contains unknown field `too`"),
        ({"outcome": "busy", "reply": "STOP"}, "nobody can reply to a message that is busy"),
        ({"to": "a\0"}, "there is a character in it that no message has"),
        (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "recursion"),
        (b'{"to": "\xff"}', "decode"),
        (b'{"to": "\\ud800"}', "truncated"),
    ],
)
async def test_a_wrong_rule_is_told_what_is_wrong_and_not_kept(inbox, body, error):
    answer = await inbox.send("POST", "/inbox/rules", body)
    assert (answer.status, set(answer.json)) == (400, {"error"})
    assert error in answer.json["error"]
    if body not in (b"", b"\xff"):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        many = await inbox.send("PUT", "/inbox/rules", b'{"rules": [{}, ' + content + b"]}")
        assert many.status == 400
    assert await rules(inbox) == []


async def test_a_place_is_first_or_last(inbox):
    answer = await inbox.send("POST", "/inbox/rules?place=middle", FAIL)
    assert (answer.status, answer.json) == (400, {"error": "place is 'middle' but must be first or last"})


async def test_rules_without_end_are_refused(inbox):
    assert (await inbox.send("PUT", "/inbox/rules", {"rules": [FAIL] * 201})).status == 400
    assert (await inbox.send("PUT", "/inbox/rules", {"rules": [FAIL] * 200})).status == 200
    answer = await inbox.send("POST", "/inbox/rules", FAIL)
    assert (answer.status, answer.json["error"]) == (400, "there are 200 rules already, and no more are kept")
    assert len(await rules(inbox)) == 200
