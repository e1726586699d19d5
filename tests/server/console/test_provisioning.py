"""Applying provisioning files: the whole of the conformance fixture, twice the same as once, all or nothing."""

import copy
import json
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
import yaml

from pillarbox.store.sealing import Seal
from tests.contract.fixture import FIXTURE, Fixture
from tests.contract.variables import Variables
from tests.support.console import connected, contents, migrate

SEAL = Seal(b"k" * 32)
SERVICE = "6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c11"
TEMPLATE = "0b4a3c57-6c75-44a4-8f0e-2d5ad2b07bd4"


@pytest.fixture
def provision(tmp_path, database_url):
    """Applies a document that is given as data."""

    def apply(document, suffix=".json"):
        from pillarbox.console.provisioning.apply import apply_file

        path = tmp_path / f"document{suffix}"
        path.write_text(json.dumps(document) if suffix == ".json" else yaml.safe_dump(document))
        return apply_file(path, SEAL, database_url)

    return apply


def document():
    """A small one that holds something of most kinds."""
    return {
        "users": [
            {
                "ref": "amala",
                "id": "3d73fe36-3a97-4625-9042-7db56aa93301",
                "name": "Amala",
                "email_address": "amala@example.com",
            }
        ],
        "services": [
            {
                "ref": "pigeons",
                "id": SERVICE,
                "name": "Pigeons",
                "email_sender_local_part": "pigeons",
                "users": ["amala"],
                "guest_list": ["07700900123", "guest@example.com"],
                "permissions": ["sms", "email"],
                "sms_senders": [
                    {
                        "ref": "pigeons.govuk",
                        "id": "9a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c13",
                        "sms_sender": "GOVUK",
                        "is_default": True,
                    }
                ],
                "callbacks": [
                    {
                        "type": "delivery_status",
                        "url": "https://example.com/receipts",
                        "bearer_token": "a-bearer-token",
                    }
                ],
                "api_keys": [
                    {
                        "ref": "pigeons.live",
                        "id": "8a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c12",
                        "name": "live",
                        "key_type": "normal",
                        "secret": "7a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c14",
                    }
                ],
                "templates": [
                    {
                        "ref": "pigeons.sms",
                        "id": TEMPLATE,
                        "type": "sms",
                        "name": "Hello",
                        "versions": [{"version": 1, "name": "Hello", "content": "Hello ((name))"}],
                    }
                ],
            }
        ],
    }


def rows(url, query):
    with psycopg.connect(url) as connection:
        return connection.execute(query).fetchall()


def one(url, query):
    return rows(url, query)[0][0]


class Applied:
    """The conformance fixture, applied to a database."""

    def __init__(self, path, url):
        self.path, self.url, self.at = path, url, datetime.now(UTC)
        self.apply()

    def apply(self):
        with connected(self.url):
            from pillarbox.console.provisioning.apply import apply_file

            return apply_file(self.path, SEAL, self.url)


@pytest.fixture(scope="module")
def applied(databases, tmp_path_factory):
    fixture = Fixture()
    path = tmp_path_factory.mktemp("fixture") / "fixture.json"
    fixture.write_filled(path, Variables(fixture.defaults))
    with databases.fresh(databases.template("migrated", migrate)) as url:
        yield Applied(path, url)


class TestTheConformanceFixture:
    """The tests share one database; the one that applies the file again proves that it changes nothing."""

    @pytest.fixture(autouse=True)
    def on(self, applied):
        self.url = applied.url
        self.applied = applied

    @pytest.mark.parametrize(
        ("table", "part"),
        [
            ("person", lambda d: len(d["users"])),
            ("service", lambda d: len(d["services"])),
            ("api_key", lambda d: sum(len(s["api_keys"]) for s in d["services"])),
            ("callback", lambda d: sum(len(s["callbacks"]) for s in d["services"])),
            ("sms_sender", lambda d: sum(len(s["sms_senders"]) for s in d["services"])),
            ("email_reply_to", lambda d: sum(len(s["email_reply_to"]) for s in d["services"])),
            ("letter_contact", lambda d: sum(len(s["letter_contacts"]) for s in d["services"])),
            ("guest_list_entry", lambda d: sum(len(s["guest_list"]) for s in d["services"])),
            ("membership", lambda d: sum(len(s["users"]) for s in d["services"])),
            ("template", lambda d: sum(len(s["templates"]) for s in d["services"])),
            (
                "template_version",
                lambda d: sum(len(t["versions"]) for s in d["services"] for t in s["templates"]),
            ),
            ("letter_rate", lambda d: len(d["config"]["letter_rates"])),
            ("sms_rate", lambda d: len(d["config"]["sms_rates"])),
            ("job", lambda d: len(d["jobs"])),
            ("notification", lambda d: len(d["notifications"]) + 251),
            ("received_text", lambda d: len(d["received_texts"]) + 251),
        ],
    )
    def test_everything_in_it_becomes_a_row(self, table, part):
        expected = part(json.loads(FIXTURE.read_text()))
        assert one(self.url, f"select count(*) from {table}") == expected

    def test_a_second_time_writes_no_row_anywhere(self):
        first = contents(self.url)
        tally = self.applied.apply()
        assert contents(self.url) == first
        assert (tally.created, tally.changed) == (0, 0)
        assert str(tally) == "nothing to change"

    def test_a_message_of_the_past_is_as_the_file_says(self):
        [found] = rows(
            self.url,
            "select channel, key_type, status, recipient, personalisation, billable_units, provider, job_row,"
            " p.name, j.original_file_name from notification n join job j on j.id = n.job_id"
            " join person p on p.id = n.created_by",
        )
        assert found == (
            "sms", "normal", "delivered", "+447700900855", {"name": "Jo"}, 1, "mmg", 0, "Amala Manager", "upload.csv",
        )  # fmt: skip

    def test_minutes_are_counted_back_from_now(self):
        created, sent = rows(
            self.url,
            "select created_at, sent_at from notification where id = '594c6a84-4edd-462b-99ca-9d66588cc15d'",
        )[0]
        assert abs(self.applied.at - timedelta(minutes=550) - created) < timedelta(seconds=30)
        assert sent - created == timedelta(minutes=1)

    def test_bulk_rows_are_numbered_from_the_newest(self):
        found = rows(
            self.url,
            "select id::text, reference, phone_prefix, rate_multiplier from notification"
            " where reference like 'row-%' order by created_at desc",
        )
        assert len(found) == 251
        assert found[0] == ("00000000-0000-4000-8000-000000000001", "row-1", "44", 1)
        assert found[-1] == ("00000000-0000-4000-8000-000000000251", "row-251", "44", 1)
        texts = rows(
            self.url, "select content from received_text where content like 'text %' order by created_at desc"
        )
        assert [texts[0][0], texts[-1][0]] == ["text 1", "text 251"]

    def test_templates_with_several_versions_were_updated(self):
        assert rows(self.url, "select distinct version > 1, updated_at is null from template order by 1") == [
            (False, True),
            (True, False),
        ]

    def test_secrets_are_sealed(self):
        secret = json.loads(FIXTURE.read_text())["services"][0]["api_keys"][0]["secret"]
        stored = rows(self.url, "select secret from api_key")
        assert not any(secret.encode() in sealed for (sealed,) in stored)
        assert secret in {SEAL.open(sealed) for (sealed,) in stored}


def test_yaml_is_as_good_as_json(provision):
    assert provision(document()).created > 5
    assert str(provision(document(), ".yaml")) == "nothing to change"


def test_only_what_differs_is_written(provision, database_url):
    provision(document())
    first = contents(database_url)
    changed = document()
    changed["services"][0]["name"] = "Doves"
    assert str(provision(changed)) == "0 created, 1 changed"
    second = contents(database_url)
    assert [table for table in first if first[table] != second[table]] == ["service"]


@pytest.mark.parametrize(
    ("change", "query", "expected"),
    [
        ((["rate_limit"], 9), "select rate_limit from service", 9),
        ((["guest_list"], ["guest@example.com"]), "select min(recipient) from guest_list_entry", "guest@example.com"),
        ((["users"], []), "select count(*) from membership", 0),
        ((["sms_senders", 0, "archived"], False), "select archived from sms_sender", False),
        ((["api_keys", 0, "name"], "main"), "select name from api_key", "main"),
        ((["callbacks", 0, "url"], "https://example.com/b"), "select url from callback", "https://example.com/b"),
        ((["templates", 0, "archived"], True), "select archived from template", True),
    ],
)  # fmt: skip
def test_what_the_file_changes_is_changed(provision, database_url, change, query, expected):
    provision(document())
    changed = document()
    path, value = change
    part = changed["services"][0]
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    provision(changed)
    assert one(database_url, query) == expected


def test_another_secret_is_sealed_anew(provision, database_url):
    provision(document())
    changed = document()
    changed["services"][0]["api_keys"][0]["secret"] = "00000000-6a3d-4f6f-9f43-6a3a5b0d8c14"
    provision(changed)
    assert SEAL.open(one(database_url, "select secret from api_key")).startswith("00000000")


def test_what_the_file_does_not_name_is_left_alone(provision, database_url):
    provision(document())
    other = document()
    service = other["services"][0]
    service |= {
        "ref": "other",
        "id": "6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c99",
        "email_sender_local_part": "other",
    }
    service |= {"api_keys": [], "templates": [], "sms_senders": []}
    provision(other)
    assert one(database_url, "select count(*) from service") == 2
    assert one(database_url, "select count(*) from api_key") == 1


def test_revoking_a_key_a_second_time_keeps_its_day(provision, database_url):
    changed = document()
    changed["services"][0]["api_keys"][0]["revoked"] = "2 days ago"
    provision(changed)
    first = one(database_url, "select revoked_at from api_key")
    provision(changed)
    assert one(database_url, "select revoked_at from api_key") == first
    assert timedelta(days=1, hours=23) < datetime.now(UTC) - first < timedelta(days=2, hours=1)


def test_a_new_version_becomes_the_current_one(provision, database_url):
    provision(document())
    changed = document()
    versions = changed["services"][0]["templates"][0]["versions"]
    versions.append({"version": 2, "name": "Hello", "content": "Good day ((name))"})
    provision(changed)
    assert rows(database_url, "select version, updated_at is not null from template") == [(2, True)]
    assert rows(database_url, "select content from template_version order by version") == [
        ("Hello ((name))",),
        ("Good day ((name))",),
    ]


def test_two_services_may_have_the_same_sender_and_guests(provision, database_url):
    twice = document()
    second = copy.deepcopy(twice["services"][0])
    second |= {"ref": "second", "id": "6a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c98", "api_keys": [], "templates": []}
    second["sms_senders"][0] |= {"ref": "second.govuk", "id": "9a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c97"}
    twice["services"].append(second)
    provision(twice)
    assert one(database_url, "select count(*) from sms_sender where is_default") == 2


def test_a_file_without_anything_changes_nothing(provision):
    assert str(provision({})) == "nothing to change"


def test_the_demo_service_is_made_once_and_then_left_to_its_owner(database_url):
    from pillarbox.console.provisioning.demo import keys, make_demo

    make_demo(SEAL)
    first = keys(SEAL)
    with psycopg.connect(database_url) as connection:
        connection.execute("update service set name = 'Mine'")
    make_demo(SEAL)
    assert keys(SEAL) == first
    assert set(first) == {"test", "team", "live"}
    assert one(database_url, "select name from service") == "Mine"
