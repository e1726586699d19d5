"""Reading what an SMSC has brought: receipts and texts from phones, kept as the packets that they came in."""

from collections.abc import Sequence

from pillarbox.messages.posts import (
    JOINED,
    Caller,
    Incoming,
    News,
    Part,
    PlainIntake,
    Post,
    PostKind,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.providers.smpp.deliveries import Delivery, UnreadableDeliveryError, read_kept
from pillarbox.providers.smpp.options import Smsc
from pillarbox.providers.smpp.receipts import receipt_of

CONTENT_TYPE = "application/x-smpp"
_MISSING = "[…]"


class SmppIntake(PlainIntake):
    """Reads posts whose body is one deliver_sm, or the parts of a long text one after the other."""

    def __init__(self, name: str, smsc: Smsc) -> None:
        self.name = name
        self._smsc = smsc

    def takes(self, kind: PostKind) -> bool:  # noqa: ARG002 - neither
        """SMSCs speak SMPP, not HTTP."""
        return False

    def authenticate(self, post: Post, caller: Caller) -> None:  # noqa: ARG002 - whoever it is
        """Nobody may post in an SMSC's name over HTTP: what it brings comes over the connections that we bound."""
        raise UnauthorisedPostError(missing=False)

    def read(self, post: Post) -> Sequence[News]:
        """Return the receipt, the text, or which part of a text it is; nothing for acknowledgements by people.

        Raises:
            UnreadablePostError: if it is no deliver_sm.
        """
        try:
            deliveries = read_kept(post.body)
        except UnreadableDeliveryError as error:
            raise UnreadablePostError([str(error)]) from error
        news = self._text(deliveries, post) if deliveries[0].is_text else self._receipt(deliveries[0])
        return [news] if news else []

    def _receipt(self, delivery: Delivery) -> News | None:
        if not delivery.is_receipt:
            return None
        smsc = self._smsc
        receipt = receipt_of(delivery, smsc.receipt_ids, smsc.passing_errors, smsc.zone)
        if receipt is None:
            raise UnreadablePostError(["the receipt does not say which message it is about"])
        return receipt

    def _text(self, deliveries: Sequence[Delivery], post: Post) -> News:
        first = deliveries[0]
        if post.content_type.endswith(JOINED) or first.part is None:
            return Incoming(first.source, first.destination, _joined(deliveries))
        reference, number, of = first.part
        return Part(f"{first.source} {first.destination} {reference} {of}", number, of)


def _joined(deliveries: Sequence[Delivery]) -> str:
    """The whole text; a part that never came leaves a gap that can be seen."""
    parts = {delivery.part.number if delivery.part else 1: delivery.text for delivery in deliveries}
    of = max(delivery.part.of if delivery.part else 1 for delivery in deliveries)
    return "".join(parts.get(number, _MISSING) for number in range(1, of + 1))
