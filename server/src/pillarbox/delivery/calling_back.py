"""One call to a service, from a claim to what became of it (public API contract, section 8)."""

import structlog

from pillarbox.delivery.callbacks import CallbackCaller
from pillarbox.messages.retries import CALLBACK_RETRY_SECONDS, MOST_CALLBACK_RETRIES
from pillarbox.store.outbox import Claim, Settlement
from pillarbox.store.store import Store

log = structlog.get_logger()


async def call_back(claim: Claim, _store: Store, callbacks: CallbackCaller) -> Settlement:
    """Tell the service; on trouble that may pass, again later."""
    outcome = await callbacks.call(claim.payload or {})
    log.info(
        "callback",
        notification_id=str(claim.notification_id),
        attempt=claim.attempts,
        status=outcome.status,
        outcome=outcome.verdict,
    )
    again = outcome.verdict == "again" and claim.attempts <= MOST_CALLBACK_RETRIES
    if outcome.verdict != "done":
        log.warning(
            "callback failed", notification_id=str(claim.notification_id), reason=outcome.reason, again=again
        )
    wait = CALLBACK_RETRY_SECONDS if again else None
    return Settlement(claim.id, claim.attempts, claim.notification_id, claim.created_at, again_in=wait)
