"""A text from somebody's phone becomes a received text of the service whose number it is (contract, section 9)."""

from hashlib import sha256
from uuid import UUID

import structlog

from pillarbox.messages.posts import Incoming, Post
from pillarbox.recipients.phone_numbers import InvalidPhoneNumber, PhoneNumber
from pillarbox.store.ids import new_id
from pillarbox.store.received_texts import NewReceivedText
from pillarbox.store.store import Store

log = structlog.get_logger()

_LONGEST_REFERENCE = 200


async def receive_text(store: Store, post: Post, incoming: Incoming, mark: str | None = None) -> UUID | None:
    """Store a text and queue its callback, in one commit; on disk when this returns.

    Args:
        store: the data plane's tables.
        post: what the text came with; its provider counts.
        incoming: the text as the provider's intake reads it.
        mark: what the kept post is known by. Where the provider gives its texts no references, applying a post
            twice under the same mark stores its text once.

    Returns:
        The received text's id; None if it was there already, or dropped since its number belongs to no service or to
        one that may not receive.
    """
    text = new_received_text(post, incoming, mark)
    became = await store.received_texts.add(text)
    if became != "kept":
        log.info("text dropped", provider=post.provider, reason=became)
        return None
    log.info("text received", provider=post.provider, received_text_id=str(text.id))
    return text.id


def new_received_text(post: Post, incoming: Incoming, mark: str | None = None) -> NewReceivedText:
    """Return what is to be stored of a text: made now, under a new id."""
    identifier, created_at = new_id()
    reference = incoming.reference or (mark and f"post {mark}")
    return NewReceivedText(
        id=identifier,
        created_at=created_at,
        user_number=_international(_storable(incoming.sender)),
        receiver=_storable(incoming.receiver),
        content=_storable(incoming.content),
        provider=post.provider,
        provider_reference=_indexable(_storable(reference)) if reference else None,
        sent_at=incoming.at,
    )


def _international(number: str) -> str:
    """The digits with country code, if it is a phone number; senders with a name stay as they are."""
    try:
        return PhoneNumber.parse(number).normalised
    except InvalidPhoneNumber:
        return number


def _storable(text: str) -> str:
    """PostgreSQL keeps neither NUL nor halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _indexable(reference: str) -> str:
    """An index takes so much and no more."""
    return reference if len(reference) <= _LONGEST_REFERENCE else sha256(reference.encode()).hexdigest()
