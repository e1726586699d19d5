"""The inbox for people: what is shown, and that nothing in a message can do harm."""

import html
import subprocess
import sys

import pytest


async def test_an_empty_inbox_says_what_will_appear(inbox):
    page = await inbox.get("/inbox")
    assert page.status == 200
    assert "Nothing here yet." in page.text
    assert "0 messages" in page.text


async def test_the_list_shows_who_got_what(inbox):
    await inbox.catch("A1", body="Your code is 12345")
    await inbox.catch("A2", to="jo@example.com", channel="email")
    page = (await inbox.get("/inbox")).text
    for shown in (
        "07700 900123",
        'title="447700900123"',
        "Your code is 12345",
        "jo@example.com",
        "2 messages",
    ):
        assert shown in page


async def test_a_search_keeps_what_was_typed(inbox):
    await inbox.catch("A1")
    page = (await inbox.get("/inbox?to=07700900123&channel=sms&reference=A1")).text
    assert 'value="07700900123"' in page
    assert 'value="A1"' in page
    assert '<option value="sms" selected>' in page
    assert "Show all messages" in page


async def test_a_search_without_result_says_so(inbox):
    page = (await inbox.get("/inbox?to=07700900123")).text
    assert "No message fits this search." in page


async def test_a_wrong_search_says_what_is_wrong(inbox):
    page = await inbox.get("/inbox?channel=fax")
    assert page.status == 400
    assert html.escape("channel is 'fax' but must be one of sms, email, letter") in page.text


@pytest.mark.parametrize(
    "body",
    [
        "x" * 5000,
        "Siân 😀 Ŵ",
        "",
        "line\n\nline",
        "<script>alert(1)</script>",
        "{{ 7 }}{% now %}",
        "\u202egnp.exe",
    ],
)
async def test_any_text_can_be_shown(inbox, body):
    identifier = await inbox.catch("A1", body=body, to=body or "nobody", sender=body)
    for path in ("/inbox", f"/inbox/messages/{identifier}"):
        page = await inbox.get(path)
        assert page.status == 200
        assert "<script>alert" not in page.text
    assert html.escape(body.split("\n")[0]) in page.text


async def test_a_text_keeps_its_lines(inbox):
    identifier = await inbox.catch("A1", body="one\n\ntwo & three")
    assert "one<br><br>two &amp; three" in (await inbox.get(f"/inbox/messages/{identifier}")).text


async def test_an_email_is_shown_in_all_its_forms(inbox):
    identifier = await inbox.catch("A1", to="jo@example.com", channel="email")
    page = (await inbox.get(f"/inbox/messages/{identifier}")).text
    assert f'src="/inbox/messages/{identifier}/html"' in page
    assert "Subject: Hello" in page
    assert (await inbox.get(f"/inbox/messages/{identifier}/source")).text == "Subject: Hello"


async def test_the_html_of_an_email_runs_nothing_and_opens_links_elsewhere(inbox):
    identifier = await inbox.catch("A1", to="jo@example.com", channel="email")
    answer = await inbox.get(f"/inbox/messages/{identifier}/html")
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("sandbox ")
    assert "allow-scripts" not in policy
    assert "default-src 'none'" in policy
    assert '<base target="_blank">' in answer.text


@pytest.mark.parametrize("path", ["/inbox", "/inbox/messages/{}"])
async def test_a_page_loads_nothing_from_elsewhere(inbox, path):
    identifier = await inbox.catch("A1")
    page = await inbox.get(path.format(identifier))
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "://" not in page.text


@pytest.mark.parametrize("form", ["", "/html", "/source"])
async def test_a_message_that_is_not_there_is_a_page_too(inbox, form):
    page = await inbox.get(f"/inbox/messages/00000000-0000-4000-8000-000000000000{form}")
    assert page.status == 404
    assert "There is no such message" in page.text


async def test_a_text_has_no_html_and_no_source(inbox):
    identifier = await inbox.catch("A1")
    for form in ("html", "source"):
        assert (await inbox.get(f"/inbox/messages/{identifier}/{form}")).status == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [("inbox.css", "text/css"), ("inbox.js", "text/javascript"), ("times.js", "text/javascript")],
)
async def test_styles_and_scripts_are_there(inbox, name, kind):
    answer = await inbox.get(f"/inbox/assets/{name}")
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize("name", ["../pages.py", "..%2fpages.py", "nothing.css", ".", "inbox.py"])
async def test_nothing_else_is_handed_out(inbox, name):
    assert (await inbox.get(f"/inbox/assets/{name}")).status == 404


async def test_every_field_has_a_label(inbox):
    page = (await inbox.get("/inbox")).text
    for field in ("to", "reference", "channel"):
        assert f'<label for="{field}">' in page
        assert f'id="{field}"' in page


def test_pages_need_no_django_project():
    """The API's process has none, so a filter that asks for its settings would fail there alone."""
    program = (
        "from datetime import datetime, UTC\nfrom uuid import UUID\n"
        "from starlette.datastructures import QueryParams\n"
        "from pillarbox.inbox import pages, query\nfrom pillarbox.store.sandbox import CaughtMessage\n"
        "one = CaughtMessage(UUID(int=1), UUID(int=1), UUID(int=1), 'sms', '447700900123', None, None, None, 'x' * 900,"
        " caught_at=datetime.now(UTC))\n"
        "pages.inbox([one], query.read(QueryParams('')))\npages.message(one)\n"
        "import os\nassert 'DJANGO_SETTINGS_MODULE' not in os.environ"
    )
    subprocess.run([sys.executable, "-c", program], env={"PATH": "/usr/bin:/bin"}, check=True, timeout=60)
