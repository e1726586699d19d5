"""Ids of ours tell when they were made, to the microsecond; others tell nothing."""

import uuid
from datetime import UTC, datetime, timedelta

from hypothesis import example, given
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


# Any milliseconds, with the version and the variant in their places.
VERSION_7 = st.builds(
    lambda milliseconds, rest, tail: uuid.UUID(
        int=(milliseconds << 80) | (7 << 76) | (rest << 64) | (2 << 62) | tail
    ),
    st.integers(0, 2**48 - 1),
    st.integers(0, 2**12 - 1),
    st.integers(0, 2**62 - 1),
)


@given(VERSION_7)
@example(uuid.UUID("ffffffff-ffff-7000-8000-000000000000"))
def test_no_moment_upsets_it_not_even_one_that_no_calendar_has(identifier) -> None:
    moment = created_at_of(identifier)
    assert moment is None or moment.tzinfo is UTC
