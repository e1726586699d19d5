"""Mistakes in provisioning files: each with its line and path, all at once, and nothing changed."""

import contextlib
import copy
import json

import pytest
import yaml

from pillarbox.store.sealing import Seal
from tests.server.console.test_provisioning import SERVICE, TEMPLATE, document, one
from tests.support.console import contents

SEAL = Seal(b"k" * 32)


@pytest.fixture
def mistakes_of(tmp_path):
    """What is wrong with a document, that no database has been asked about, by place."""

    def find(content):
        from pillarbox.console.provisioning import checks, reading
        from pillarbox.console.provisioning.mistakes import ProvisioningError

        path = tmp_path / "document.json"
        path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
        found, mistakes = reading.read(path)
        checks.check(found, mistakes)
        try:
            mistakes.stop_if_any()
        except ProvisioningError as error:
            return [mistake.removeprefix(f"{path}:") for mistake in error.mistakes]
        return []

    return find


def changed(path, value):
    """The document with another value at a path such as `services.0.name`; what is there not yet is added."""
    content = copy.deepcopy(document())
    *way, last = path.split(".")
    part = content
    for step in way:
        part = part[int(step)] if step.isdigit() else part[step]
    part[int(last) if last.isdigit() else last] = value
    return content


def key(**fields):
    return document()["services"][0]["api_keys"][0] | fields


def version(**fields):
    return {"version": 1, "name": "Hello", "content": "Hello"} | fields


def sent(**fields):
    return {
        "ref": "n", "id": "ad0ff5b3-3d1d-4a76-9a3f-1fdd2bbd77ef", "service": "pigeons", "template": "pigeons.sms",
        "type": "sms", "status": "sent", "to": "07700900123", "created_minutes_ago": 1,
    } | fields  # fmt: skip


SENDER = {"id": "9a0c3b2e-6a3d-4f6f-9f43-6a3a5b0d8c15", "sms_sender": "X", "is_default": True, "ref": "x"}
NUMBERS = [f"0770090012{n}" for n in range(6)]


def test_the_document_that_these_tests_change_has_no_mistakes(mistakes_of):
    assert mistakes_of(document()) == []


@pytest.mark.parametrize(
    ("path", "value", "place", "what"),
    [
        ("services.0.nmae", "x", "services[0].nmae", "is not known here"),
        ("servces", [], "servces", "is not known here"),
        ("services.0.api_keys.0.kind", "x", "services[0].api_keys[0].kind", "is not known here"),
        ("services", {}, "services", "must be a list"),
        ("services.0", 5, "services[0]", "must be an object"),
        ("services.0.name", 5, "services[0].name", "Expected `str`, got `int`: put it in quotes"),
        ("services.0.name", "", "services[0].name", "Expected `str` of length >= 1"),
        ("services.0.name", "a\0b", "services[0].name", "cannot be stored"),
        ("services.0.id", "x", "services[0].id", "Invalid UUID"),
        ("services.0.permissions", ["sms", "fax"], "services[0].permissions[1]", "must be one of sms, email"),
        ("services.0.api_keys.0.key_type", "live", "services[0].api_keys[0].key_type", "normal, team, test"),
        ("services.0.api_keys.0.revoked", "soon", "services[0].api_keys[0].revoked", "days? ago"),
        ("services.0.api_keys.0.secret", "x" * 36, "services[0].api_keys[0].secret", "must be a UUID"),
        ("services.0.api_keys.0.api_key", "a-b", "services[0].api_keys[0].api_key", "does not end with"),
        ("services.0.data_retention_days", {"sms": 2}, "services[0].data_retention_days", "Expected `int` >= 3"),
        ("services.0.daily_limits", {"fax": 2}, "services[0].daily_limits.fax", "is not known here"),
        ("services.0.users", ["bo"], "services[0].users[0]", "there is nothing with the ref 'bo'"),
        ("services.0.created_by", "bo", "services[0].created_by", "there is nothing with the ref 'bo'"),
        ("services.0.email_sender_local_part", "a b", "services[0].email_sender_local_part", "before the @"),
        ("services.0.email_sender_local_part", "a@b", "services[0].email_sender_local_part", "before the @"),
        ("services.0.contact_link", "javascript:x", "services[0].contact_link", "must be a web address, an"),
        ("services.0.inbound_number", "12", "services[0].inbound_number", "too short"),
        ("services.0.guest_list", ["jo@"], "services[0].guest_list[0]", "Not a valid email address"),
        ("services.0.guest_list", ["07"], "services[0].guest_list[0]", "Number is not valid"),
        ("services.0.guest_list", NUMBERS, "services[0].guest_list", "6 phone numbers, but at most 5"),
        ("services.0.guest_list", [f"{n}@a.uk" for n in NUMBERS], "services[0].guest_list", "6 email addresses"),
        ("services.0.guest_list", ["a@b.uk", "A@b.uk"], "services[0].guest_list[1]", "guest_list[0]"),
        ("services.0.sms_senders", [SENDER, SENDER | {"ref": "y"}], "services[0].sms_senders[1].id", "senders[0].id"),
        ("services.0.sms_senders.0.archived", True, "services[0].sms_senders[0].archived", "cannot be the default"),
        ("services.0.callbacks.0.url", "example.com", "services[0].callbacks[0].url", "must be a web address"),
        ("services.0.callbacks.0.url", "https://a b", "services[0].callbacks[0].url", "must be a web address"),
        ("services.0.callbacks.0.url", "https://a:x/", "services[0].callbacks[0].url", "must be a web address"),
        ("services.0.callbacks.0.bearer_token", "short", "services[0].callbacks[0].bearer_token", "length >= 10"),
        ("services.0.templates.0.versions", [], "services[0].templates[0].versions", "numbered 1, 2, 3"),
        ("services.0.templates.0.versions", [version(version=2)], "services[0].templates[0].versions", "numbered 1"),
        ("services.0.templates.0.versions.0.subject", "x", "services[0].templates[0].versions[0].subject", "none"),
        ("services.0.templates.0.type", "email", "services[0].templates[0].versions[0]", "subject is missing"),
        ("services.0.templates.0.postage", "first", "services[0].templates[0].postage", "of type letter"),
        ("services.0.templates.0.has_unsubscribe_link", True, "services[0].templates[0].has_unsubscribe_link", "email"),
        ("users.0.email_address", "amala", "users[0].email_address", "Not a valid email address"),
        ("users.0.mobile_number", "0", "users[0].mobile_number", "too short"),
        ("config", {"sms_rates": [{"valid_from": "May", "rate": 1}]}, "config.sms_rates[0].valid_from", "a date"),
        ("config", {"rates": []}, "config.rates", "is not known here"),
        ("jobs", [{"ref": "j"}], "jobs[0]", "template is missing"),
        ("notifications", [sent(key="x")], "notifications[0].key", "no key with the ref 'x'"),
        ("notifications", [sent(job="x")], "notifications[0].job", "no job with the ref 'x'"),
        ("notifications", [sent(template="x")], "notifications[0].template", "no template with the ref 'x'"),
        ("notifications", [sent(service="x")], "notifications[0].service", "nothing with the ref 'x'"),
        ("notifications", [sent(type="email", to="a@b.uk")], "notifications[0].type", "of type sms"),
        ("notifications", [sent(template_version=2)], "notifications[0].template_version", "no such version"),
        ("notifications", [sent(to="jo")], "notifications[0].to", "can only include"),
        ("notifications", [sent(status="lost")], "notifications[0].status", "must be one of cancelled"),
        ("notifications", [sent(created_minutes_ago=-1)], "notifications[0].created_minutes_ago", ">= 0"),
        ("notifications", [sent(id="01936a2b-0000-7000-8000-000000000000")], "notifications[0].id", "version 7"),
        ("bulk", [{"kind": "faxes"}], "bulk[0].kind", "must be one of notifications, received_texts"),
        ("bulk", [{"kind": "received_texts"}], "bulk[0]", "count is missing"),
        ("about", "see ${API}", "about", "${API} must be replaced"),
        ("format_version", 2, "format_version", "must be one of 1"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_its_place(mistakes_of, path, value, place, what):
    found = mistakes_of(changed(path, value))
    assert any(f" {place}: " in mistake and what in mistake for mistake in found), found


def test_a_default_is_there_once_in_a_service(mistakes_of):
    content = changed("services.0.sms_senders", [SENDER, SENDER | {"ref": "y", "id": TEMPLATE}])
    lines = json.dumps(content, indent=1).splitlines()
    second = [number for number, line in enumerate(lines, 1) if "is_default" in line][1]
    what = "services[0].sms_senders[0] is the default of this service already"
    assert mistakes_of(content) == [f"{second}: services[0].sms_senders[1].is_default: {what}"]


def test_all_mistakes_are_reported_together_in_the_order_of_the_file(mistakes_of):
    content = changed("users.0.email_address", "amala")
    content["services"][0] |= {"nmae": "x", "rate_limit": "many", "guest_list": ["jo@"]}
    content["services"][0]["api_keys"][0]["key_type"] = "live"
    content["services"][0]["api_keys"].append(key(ref="b", id=5))
    places = [mistake.split(": ")[1] for mistake in mistakes_of(content)]
    assert places == [
        "users[0].email_address",
        "services[0].api_keys[0].key_type",
        "services[0].api_keys[1].id",
        "services[0].nmae",
        "services[0].rate_limit",
    ]


def test_lines_are_those_of_the_file(tmp_path):
    from pillarbox.console.provisioning import reading
    from pillarbox.console.provisioning.mistakes import ProvisioningError

    path = tmp_path / "document.yaml"
    path.write_text("# A comment\n" + yaml.safe_dump(changed("services.0.name", "")))
    _, mistakes = reading.read(path)
    with pytest.raises(ProvisioningError) as raised:
        mistakes.stop_if_any()
    line = next(
        n
        for n, text in enumerate(path.read_text().splitlines(), 1)
        if "    name: ''" in text or "  name: ''" in text
    )
    assert raised.value.mistakes == [f"{path}:{line}: services[0].name: Expected `str` of length >= 1"]


@pytest.mark.parametrize("content", ["{", "", "[1, 2]", '"text"', "null", '{"services": null}', "[" * 2000])
def test_a_file_of_another_shape_is_refused(mistakes_of, content):
    from pillarbox.console.provisioning.mistakes import ProvisioningError

    with contextlib.suppress(ProvisioningError):  # what is no data at all is refused at once
        assert mistakes_of(content) != []


@pytest.mark.parametrize("refs", [("users", "amala"), ("services", "pigeons")])
def test_the_same_ref_or_id_twice_is_refused(mistakes_of, refs):
    kind, ref = refs
    content = document()
    content[kind].append(copy.deepcopy(content[kind][0]))
    found = mistakes_of(content)
    assert [m for m in found if f"{kind}[1].id: is the same as {kind}[0].id" in m]
    assert [m for m in found if f"{kind}[1].ref: is the same as {kind}[0].ref" in m]
    assert ref in content[kind][1]["ref"]


class TestAgainstWhatIsStored:
    @pytest.fixture(autouse=True)
    def on(self, database_url, tmp_path):
        self.url = database_url
        self.path = tmp_path / "document.json"
        self.apply(document())

    def apply(self, content):
        from pillarbox.console.provisioning.apply import apply_file

        self.path.write_text(json.dumps(content))
        return apply_file(self.path, SEAL, self.url)

    @pytest.mark.parametrize(
        ("path", "value", "place", "what"),
        [
            ("users.0.id", SERVICE, "users[0].email_address", "somebody else"),
            ("services.0.id", TEMPLATE, "services[0].api_keys[0].id", f"belongs to service {SERVICE}"),
            (
                "services.0.templates.0.versions.0.content",
                "x",
                "services[0].templates[0].versions[0]",
                "add a version",
            ),
            ("services.0.templates.0.type", "email", "services[0].templates[0].type", "is another than"),
        ],
    )
    def test_a_contradiction_is_reported_and_nothing_is_changed(self, path, value, place, what):
        from pillarbox.console.provisioning.mistakes import ProvisioningError

        content = changed(path, value)
        content["services"][0]["name"] = "must not be stored"
        if value == "email":
            content["services"][0]["templates"][0]["versions"][0]["subject"] = "x"
        before = contents(self.url)
        with pytest.raises(ProvisioningError) as raised:
            self.apply(content)
        assert any(f" {place}: " in mistake and what in mistake for mistake in raised.value.mistakes)
        assert contents(self.url) == before

    def test_a_number_moves_from_one_service_of_the_file_to_another(self):
        content = changed("services.0.inbound_number", "07700900500")
        self.apply(content)
        other = copy.deepcopy(content["services"][0])
        other |= {"ref": "b", "id": TEMPLATE, "api_keys": [], "templates": [], "sms_senders": []}
        content["services"][0]["inbound_number"] = None
        content["services"].append(other)
        self.apply(content)
        assert (
            one(self.url, "select ref.id::text from service ref where inbound_number is not null") == TEMPLATE
        )

    def test_versions_are_not_taken_back(self):
        from pillarbox.console.provisioning.mistakes import ProvisioningError

        second = changed("services.0.templates.0.versions", [
            document()["services"][0]["templates"][0]["versions"][0], version(version=2),
        ])  # fmt: skip
        self.apply(second)
        with pytest.raises(ProvisioningError, match="newer ones already"):
            self.apply(document())
