"""Links to unsubscribe: ours for a year, nobody else's ever."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pillarbox.actions.unsubscribe import InvalidLinkError, Link, link_of, unsubscribe_path
from pillarbox.store.sealing import Seal

SEAL = Seal(b"k" * 32)
ID = str(uuid.uuid4())


def token(recipient: str = "jo@example.com", *, ago: timedelta = timedelta(0), seal: Seal = SEAL) -> str:
    path = unsubscribe_path(seal, ID, recipient, datetime.now(UTC) - ago)
    assert path.startswith(f"/unsubscribe/{ID}/")
    return path.rpartition("/")[2]


@given(st.emails())
def test_a_token_holds_the_email_s_id_and_the_address_and_shows_neither(address) -> None:
    made = token(address)
    assert link_of(SEAL, made) == Link(uuid.UUID(ID), address)
    assert address not in made
    assert ID not in made


def test_each_link_is_another_one() -> None:
    assert token() != token()


@pytest.mark.parametrize(("days", "good"), [(0, True), (364, True), (366, False)])
def test_a_link_is_good_for_a_year(days, good) -> None:
    made = token(ago=timedelta(days=days))
    if good:
        assert link_of(SEAL, made) == Link(uuid.UUID(ID), "jo@example.com")
    else:
        with pytest.raises(InvalidLinkError):
            link_of(SEAL, made)


@pytest.mark.parametrize("position", range(0, 60, 7))
def test_a_changed_token_is_none_of_ours(position) -> None:
    made = token()
    changed = made[:position] + ("A" if made[position] != "A" else "B") + made[position + 1 :]
    with pytest.raises(InvalidLinkError):
        link_of(SEAL, changed)


def test_another_installations_token_is_none_of_ours() -> None:
    with pytest.raises(InvalidLinkError):
        link_of(SEAL, token(seal=Seal(b"x" * 32)))


def test_what_was_sealed_for_another_purpose_is_no_token() -> None:
    """API keys' secrets are sealed with the same key."""
    from base64 import urlsafe_b64encode

    for secret in (str(uuid.uuid4()), "9" * 30 + f" {ID} jo@example.com", "9 jo@example.com", "-5", ""):
        with pytest.raises(InvalidLinkError):
            link_of(SEAL, urlsafe_b64encode(SEAL.close(secret)).decode())


@given(st.text(max_size=80))
def test_any_text_is_refused(text) -> None:
    with pytest.raises(InvalidLinkError):
        link_of(SEAL, text)
