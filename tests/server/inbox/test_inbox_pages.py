"""The inbox for people: what is shown, and that nothing in a message can do harm."""

import html
import re
import subprocess
import sys
from uuid import UUID

import pytest

from pillarbox.inbox import pages


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


@pytest.mark.parametrize("path", ["/inbox", "/inbox/messages/{}", "/inbox/rehearsal", "/inbox/texts"])
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


@pytest.mark.parametrize(
    ("path", "least"),
    [("/inbox", 3), ("/inbox/rehearsal", 13), ("/inbox/texts", 3), ("/inbox/messages/{}", 1)],
)
async def test_every_field_has_a_label_and_every_hint_is_there(inbox, a_service_with_a_number, path, least):
    identifier = await inbox.catch("A1", service_id=UUID(a_service_with_a_number.id))
    page = (await inbox.get(path.format(identifier))).text
    fields = re.findall(r"<(?:input|select|textarea) id=\"([^\"]+)\"", page)
    assert len(fields) >= least
    assert set(fields) == set(re.findall(r"<label for=\"([^\"]+)\"", page))
    for hint in re.findall(r"aria-describedby=\"([^\"]+)\"", page):
        assert f'id="{hint}"' in page


COLOURS = {
    name: (light, dark)
    for name, light, dark in re.findall(
        r"--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\)", pages.asset("inbox.css").body.decode()
    )
}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "ground"),
    [
        *((ink, ground) for ink in ("ink", "soft", "blue-ink") for ground in ("paper", "ground")),
        *((f"{colour}-ink", f"{colour}-wash") for colour in ("red", "green", "amber", "blue")),
        ("ink", "blue-wash"),
        ("ink", "red-wash"),
    ],
)
def test_words_stand_out_from_their_ground(ink, ground, theme):
    """WCAG 2.2, success criterion 1.4.3, level AA."""
    light, dark = sorted((_luminance(COLOURS[name][theme]) for name in (ink, ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour):
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_pages_need_no_django_project():
    """The API's process has none, so a filter that asks for its settings would fail there alone."""
    program = (
        "from datetime import datetime, UTC\nfrom uuid import UUID\n"
        "from starlette.datastructures import QueryParams\n"
        "from pillarbox.inbox import pages, query\nfrom pillarbox.store.sandbox import CaughtMessage\n"
        "one = CaughtMessage(UUID(int=1), UUID(int=1), UUID(int=1), 'sms', '447700900123', None, None, None, 'x' * 900,"
        " caught_at=datetime.now(UTC))\n"
        "pages.inbox([one], {}, query.read(QueryParams('')))\npages.message(one)\n"
        "from pillarbox.rehearsal.rules import Rule\nfrom pillarbox.store.rehearsals import KeptRule, Receiver\n"
        "pages.rehearsal([KeptRule(UUID(int=1), Rule(times=2, after=1.5), 1)], {'times': '2'}, 'wrong')\n"
        "pages.texts([], [Receiver(UUID(int=1), 'Pigeons', '07700900500', True)], {}, '')\n"
        "import os\nassert 'DJANGO_SETTINGS_MODULE' not in os.environ"
    )
    subprocess.run([sys.executable, "-c", program], env={"PATH": "/usr/bin:/bin"}, check=True, timeout=60)
