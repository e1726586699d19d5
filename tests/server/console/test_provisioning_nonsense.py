"""Whatever a provisioning file holds, it is read, or refused with sentences: never with a crash."""

import copy
import json

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contract.fixture import FIXTURE
from tests.server.console.test_provisioning import document

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def places(value, path=()):
    """Every path in a document."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from places(inner, (*path, number))


def whole():
    """A document with something of every kind."""
    fixture = json.loads(FIXTURE.read_text())
    content = document()
    for kind in ("jobs", "notifications", "received_texts", "bulk"):
        content[kind] = fixture[kind] if kind == "bulk" else fixture[kind][:1]
        for one in content[kind]:
            ours = {
                "service": "pigeons",
                "template": "pigeons.sms",
                "key": "pigeons.live",
                "created_by": "amala",
            }
            one |= {name: ref for name, ref in ours.items() if name in one}
    return content | {"config": {"sms_rates": fixture["config"]["sms_rates"]}}


PLACES = sorted(places(whole()), key=str)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    from pillarbox.console.provisioning import checks, reading
    from pillarbox.console.provisioning.mistakes import ProvisioningError

    folder = tmp_path_factory.mktemp("nonsense")

    def sentences(text, name):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        try:
            read, mistakes = reading.read(path)
            checks.check(read, mistakes)
            mistakes.stop_if_any()
        except ProvisioningError as error:
            found = error.mistakes
        else:
            return []
        assert found
        assert all(mistake.startswith(f"{path}:") for mistake in found)
        return found

    return sentences


def with_value(path, value):
    content = copy.deepcopy(whole())
    if not path:
        return value
    part = content
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = value
    return content


@settings(deadline=None)  # lines are looked up in the file, and machines differ
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_any_value_anywhere_is_read_or_refused(read, place, value):
    read(json.dumps(with_value(place, value)), "document.json")


@settings(deadline=None)
@given(place=st.sampled_from(PLACES), value=VALUES)
def test_so_it_is_in_yaml(read, place, value):
    read(yaml.safe_dump(with_value(place, value), allow_unicode=True), "document.yaml")


@settings(deadline=None)
@given(text=st.text(max_size=200))
def test_any_text_is_read_or_refused(read, text):
    for name in ("document.json", "document.yaml"):
        read(text.encode("utf-8", "replace").decode(), name)


def test_the_document_that_these_tests_break_is_whole(read):
    assert read(json.dumps(whole()), "document.json") == []


@pytest.mark.parametrize("place", [place for place in PLACES if place])
def test_whatever_is_taken_away_is_either_optional_or_missed(read, place):
    content = copy.deepcopy(whole())
    part = content
    for step in place[:-1]:
        part = part[step]
    del part[place[-1]]
    lacks = [mistake for mistake in read(json.dumps(content), "document.json") if "is missing" in mistake]
    assert lacks in ([], [mistake for mistake in lacks if str(place[-1]) in mistake])
