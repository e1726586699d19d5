"""Who may look into the inbox, and who may empty it."""

import pytest

from pillarbox.rehearsal.rules import Rule

PATHS = [
    "/inbox",
    "/inbox/messages",
    "/inbox/messages/00000000-0000-4000-8000-000000000000",
    "/inbox/rules",
    "/inbox/received-texts",
]
CHANGES = [
    ("PUT", "/inbox/rules", b'{"rules": [{"outcome": "rejected"}]}'),
    ("POST", "/inbox/rules", b'{"outcome": "rejected"}'),
    ("DELETE", "/inbox/rules", b""),
    ("DELETE", "/inbox/rules/00000000-0000-4000-8000-000000000000", b""),
    (
        "POST",
        "/inbox/received-texts",
        b'{"from": "07700900456", "message": "x", "notify_number": "07700900500"}',
    ),
]
TOKEN = "a token of the operator's"


@pytest.mark.parametrize("host", ["localhost:6011", "127.0.0.1:6011", "[::1]:6011", "LOCALHOST", "localhost"])
async def test_people_on_this_machine_may_look(inbox, host):
    assert (await inbox.get("/inbox", headers={"host": host})).status == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("client", ["192.0.2.7", "2001:db8::1", "10.0.0.3", "unix"])
async def test_nobody_else_may(inbox, path, client):
    assert (await inbox.get(path, client=client)).status == 403


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:6011", "localhost.evil.example", "127.0.0.1.nip.io"]
)
async def test_a_name_that_was_pointed_at_this_machine_does_not_count(inbox, path, host):
    assert (await inbox.get(path, headers={"host": host})).status == 403


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "http://localhost:8000", "null", "http://evil.example:6011"]
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/inbox/messages"), ("DELETE", "/inbox/messages"), ("POST", "/inbox/empty")]
)
async def test_pages_of_other_sites_neither_read_nor_empty_it(inbox, method, path, origin):
    await inbox.catch("A1")
    answer = await inbox.ask(method, path, headers={"origin": origin})
    assert answer.status == 403
    assert await inbox.found() == ["A1"]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
@pytest.mark.parametrize(
    "how",
    [
        {"client": "192.0.2.7"},
        {"headers": {"host": "evil.example"}},
        {"headers": {"origin": "https://evil.example"}},
    ],
)
async def test_nobody_else_changes_what_the_sandbox_does(inbox, method, path, body, how):
    kept = await inbox.store.rehearsals.add(Rule(outcome="busy"))
    answer = await inbox.send(method, path, body, **how)
    assert (answer.status, set(answer.json)) == (403, {"error"})
    assert [rule.id for rule in await inbox.store.rehearsals.rules()] == [kept]


@pytest.mark.parametrize("headers", [{}, {"origin": "http://localhost:6011"}])
async def test_its_own_page_empties_it(inbox, headers):
    await inbox.catch("A1")
    answer = await inbox.ask("POST", "/inbox/empty", headers=headers)
    assert (answer.status, answer.headers["location"]) == (303, "/inbox")
    assert await inbox.found() == []


@pytest.mark.parametrize("path", ["/inbox", "/inbox/rehearsal", "/inbox/texts"])
async def test_browsers_say_of_its_own_forms_that_they_are_its_own_and_tell_other_sites_nothing(inbox, path):
    """Under `no-referrer` they would send `Origin: null`, as for another site's page (Fetch, section 3.2.5)."""
    assert (await inbox.get(path)).headers["referrer-policy"] == "same-origin"


class TestWithAToken:
    @pytest.fixture(autouse=True)
    def with_token(self, inbox):
        inbox.token = TOKEN

    @pytest.mark.parametrize(
        "how",
        [
            {"path": "/inbox/messages", "headers": {"authorization": f"Bearer {TOKEN}"}},
            {"path": "/inbox/messages", "headers": {"authorization": f"bearer {TOKEN}"}},
            {"path": "/inbox/messages?token=a%20token%20of%20the%20operator%27s"},
        ],
    )
    async def test_whoever_has_it_may_look_from_anywhere(self, inbox, how):
        headers = {"host": "inbox.example.com"} | how.pop("headers", {})
        assert (await inbox.get(**how, client="192.0.2.7", headers=headers)).status == 200

    @pytest.mark.parametrize("path", PATHS)
    @pytest.mark.parametrize(
        "headers",
        [{}, {"authorization": "Bearer another"}, {"authorization": f"Basic {TOKEN}"}, {"cookie": "x=y"}],
    )
    async def test_nobody_else_may_not_even_from_this_machine(self, inbox, path, headers):
        answer = await inbox.get(path, headers=headers)
        assert answer.status == 403
        assert "The token is wrong or missing." in answer.text

    async def test_the_page_remembers_it_in_a_cookie_of_its_own(self, inbox):
        answer = await inbox.get("/inbox?token=a%20token%20of%20the%20operator%27s")
        cookie = answer.headers["set-cookie"]
        assert all(
            part in cookie for part in ("pillarbox_inbox=", "HttpOnly", "Path=/inbox", "SameSite=strict")
        )
        again = await inbox.get("/inbox", headers={"cookie": cookie.partition(";")[0]})
        assert again.status == 200

    async def test_a_wrong_one_leaves_no_cookie(self, inbox):
        assert "set-cookie" not in (await inbox.get("/inbox?token=wrong")).headers
