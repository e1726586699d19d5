"""What a receipt does to a message: a decision, without any reading or writing (public API contract, section 7)."""

from pillarbox.messages.posts import Receipt
from pillarbox.messages.statuses import open_to_receipts
from pillarbox.recipients.phone_numbers import PhoneNumber
from pillarbox.store.receipts import Known, Move


def is_early(receipt: Receipt, known: Known) -> bool:
    """Whether a receipt came before our note that the provider took the message, and has to wait for that."""
    return (
        receipt.status is not None
        and known.status == "created"
        and known.status not in open_to_receipts(known.channel)
    )


def decide(receipt: Receipt, known: Known, provider: str) -> Move:
    """Return what is to become of the message; a receipt that changes nothing is noted all the same."""
    status = receipt.if_pending if receipt.if_pending and known.status == "pending" else receipt.status
    event = {
        "what": "receipt",
        "provider": provider,
        "status": status,
        "code": receipt.code,
        "reason": receipt.reason,
        "reported_at": receipt.at,
    }
    return Move(
        notification_id=known.notification_id,
        created_at=known.created_at,
        status=status if _counts(known) else None,
        only_from=open_to_receipts(known.channel),
        event={name: value for name, value in event.items() if value is not None},
    )


def _counts(known: Known) -> bool:
    """Networks that report no delivery are not believed when they do."""
    return known.channel != "sms" or bool(PhoneNumber.parse(known.recipient).delivery_receipts)
