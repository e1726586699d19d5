"""Ids of ours tell when they were made, to the microsecond; others tell nothing."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pillarbox.store.ids import created_at_of, new_id


def test_an_id_tells_its_moment() -> None:
    before = datetime.now(UTC)
    identifier, moment = new_id()
    assert identifier.version == 7
    assert identifier.variant == uuid.RFC_4122
    assert created_at_of(identifier) == moment
    assert before - timedelta(microseconds=1) <= moment <= datetime.now(UTC)


def test_ids_are_never_the_same_and_later_ones_are_larger() -> None:
    ids = [new_id()[0] for _ in range(10_000)]
    assert len(set(ids)) == len(ids)
    assert sorted(ids, key=lambda identifier: identifier.int >> 64) == ids


@given(st.uuids())
def test_other_ids_are_either_another_version_or_some_moment(identifier) -> None:
    moment = created_at_of(identifier)
    assert (identifier.version == 7) or moment is None


@given(st.integers(min_value=0, max_value=2**128 - 1))
def test_no_number_upsets_it(number) -> None:
    moment = created_at_of(uuid.UUID(int=number))
    assert moment is None or moment.tzinfo is UTC
