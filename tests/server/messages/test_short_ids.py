from contextlib import suppress
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.messages.short_ids import ShortIdError, lengthen, shorten


@pytest.mark.parametrize(
    ("full", "short"),
    [
        ("00000000-0000-0000-0000-000000000000", "AAAAAAAAAAAAAAAAAAAAAA"),
        ("ffffffff-ffff-ffff-ffff-ffffffffffff", "_____________________w"),
        ("8534f457-38d0-48ec-0f10-99c6c3e1b258", "hTT0VzjQSOwPEJnGw-GyWA"),
    ],
)
def test_ids_have_a_short_form(full, short):
    assert shorten(UUID(full)) == short
    assert str(lengthen(short)) == str(lengthen(f"{short}==")) == full


@given(st.uuids())
def test_every_id_comes_back(full):
    assert lengthen(shorten(full)) == full
    assert len(shorten(full)) == 22


@pytest.mark.parametrize("short", ["", "abc", "A" * 21, "A" * 30, "é" * 22, "\ud800"])
def test_texts_of_another_length_are_no_ids(short):
    with pytest.raises(ShortIdError):
        lengthen(short)


@given(st.text(st.characters()))
def test_any_text_is_an_id_or_is_refused(short):
    with suppress(ShortIdError):
        assert lengthen(short).bytes
