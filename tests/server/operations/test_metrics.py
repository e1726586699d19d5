"""Figures for Prometheus: right whoever of several processes answers, for whoever may see them, and about nobody."""

import re
import uuid
from pathlib import Path

import psycopg
import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families as parse

from tests.support.api import api_in_processes, api_in_thread, provisioned
from tests.support.factories import MadeService, document

SERVICE = MadeService("counted")
TEXT = {"phone_number": "07700900123", "personalisation": {"name": "Jo"}}
DOCS = Path(__file__).parents[3] / "docs"
REFERENCE, OPERATE = DOCS / "reference" / "metrics.md", DOCS / "how-to" / "operate.md"
TOKEN = "a token of the operator's"


@pytest.fixture(scope="module")
def url(databases):
    with provisioned(databases, document(SERVICE)) as url:
        yield url


@pytest.fixture(scope="module")
def api(url):
    with api_in_thread(url) as api:
        yield api


def send(api, kind="normal", *, close=False):
    body = TEXT | {"template_id": SERVICE.templates["sms"]}
    headers = {"Connection": "close"} if close else {}
    answer = api.ask(SERVICE, "POST", "/v2/notifications/sms", body, kind=kind, headers=headers)
    assert answer.status_code == 201, answer.text


def scraped(api, **headers):
    """All samples, by name and labels; from a connection of its own, so that any process may answer."""
    answer = requests.get(api.base + "/metrics", headers=headers, timeout=30)
    assert answer.status_code == 200, answer.text
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in parse(answer.text)
        for sample in family.samples
    }


def grown(before, after, *key):
    return after.get(key, 0) - before.get(key, 0)


def test_accepted_messages_are_counted_by_channel_and_type_of_key(api):
    before = scraped(api)
    for kind in ("normal", "normal", "test"):
        send(api, kind)
    bulk = {
        "template_id": SERVICE.templates["sms"],
        "rows": [{"phone_number": "07700900123", "personalisation": {"name": "Jo"}}] * 5,
    }
    assert api.ask(SERVICE, "POST", "/v2/notifications/bulk", bulk).status_code == 201
    after = scraped(api)
    assert grown(before, after, "pillarbox_accepted_total", "sms", "normal") == 7
    assert grown(before, after, "pillarbox_accepted_total", "sms", "test") == 1
    assert grown(before, after, "pillarbox_accept_seconds_count", "sms") == 4  # requests
    assert 0 < grown(before, after, "pillarbox_accept_seconds_sum", "sms") < 60


def test_what_is_refused_or_simulated_is_not_counted(api):
    before = scraped(api)
    body = TEXT | {"template_id": str(uuid.uuid4())}
    assert api.ask(SERVICE, "POST", "/v2/notifications/sms", body).status_code == 400
    simulated = TEXT | {"template_id": SERVICE.templates["sms"], "phone_number": "07700900000"}
    assert api.ask(SERVICE, "POST", "/v2/notifications/sms", simulated).status_code == 201
    after = scraped(api)
    assert grown(before, after, "pillarbox_accepted_total", "sms", "normal") == 0


def test_whichever_process_answers_it_shows_the_sums_of_all(url, tmp_path):
    with api_in_processes(url, 3, tmp_path) as api:
        for _ in range(30):
            send(api, close=True)
        for _ in range(10):
            assert scraped(api)["pillarbox_accepted_total", "sms", "normal"] == 30


def test_what_waits_is_shown_by_kind_and_lane(url, api):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("delete from outbox")
        connection.execute(
            "insert into outbox (kind, lane, service_id, due) select 'callback', lane, gen_random_uuid(),"
            " now() + late * interval '1 second' from (values (0, -100), (0, -20), (0, 3000), (1, 60)) v(lane, late)"
        )
        connection.execute(
            "insert into provider_post (provider, kind, body, due) values ('p', 'receipt', '', now() - interval '1 h')"
        )
    with api_in_thread(url) as fresh:
        shown = scraped(fresh)
        send(api)
    waits = {name[16:]: value for (name, *labels), value in shown.items() if labels == ["callback", "0"]}
    assert (waits["length"], waits["due"]) == (3, 2)
    assert 100 <= waits["oldest_seconds"] < 160
    assert shown["pillarbox_queue_due", "callback", "1"] == 0
    assert shown["pillarbox_queue_oldest_seconds", "callback", "1"] == 0
    assert 3600 <= shown["pillarbox_queue_oldest_seconds", "post", "0"] < 3660
    assert shown["pillarbox_database_up",] == 1


def test_figures_are_about_nobody(api):
    send(api)
    text = requests.get(api.base + "/metrics", timeout=30).text
    assert not re.search(r"7700900|Jo\b|" + SERVICE.id + "|counted", text)


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Origin": "https://evil.example"},
        {"Host": "localhost.evil.example:6011"},
    ],
)
def test_pages_of_other_sites_see_nothing(api, headers):
    assert requests.get(api.base + "/metrics", headers=headers, timeout=30).status_code == 403


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (None, 403),
        ("Bearer wrong", 403),
        (f"Basic {TOKEN}", 403),
        (f"Bearer {TOKEN}", 200),
        (f"bearer {TOKEN}", 200),
    ],
)
def test_with_a_token_only_who_has_it_sees_them(url, monkeypatch, given, status):
    from pillarbox import bootstrap
    from pillarbox.settings import Settings
    from tests.support.api import serving, settings

    app = bootstrap.api_app(Settings.read(settings(url) | {"PILLARBOX_METRICS_TOKEN": TOKEN}))
    with serving(app) as base:
        headers = {"Host": "metrics.example"} | ({"Authorization": given} if given else {})
        answer = requests.get(base + "/metrics", headers=headers, timeout=30)
    assert answer.status_code == status
    assert (b"pillarbox_accepted" in answer.content) == (status == 200)


def test_the_reference_lists_every_figure(api):
    text = requests.get(api.base + "/metrics", timeout=30).text
    shown = {family.name for family in parse(text) if family.name.startswith("pillarbox_")}
    shown = {f"{name}_total" if f"# TYPE {name}_total counter" in text else name for name in shown}
    assert shown == set(re.findall(r"^\| `(pillarbox_\w+)`", REFERENCE.read_text(), re.MULTILINE))


def test_alarms_are_about_figures_that_there_are(api):
    named = set(re.findall(r"pillarbox_\w+", OPERATE.read_text()))
    there = set(re.findall(r"pillarbox_\w+", REFERENCE.read_text()))
    assert {name.removesuffix("_bucket") for name in named} <= there
