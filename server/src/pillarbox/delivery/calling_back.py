"""One call to a service, from a claim to what became of it (public API contract, section 8)."""

import json
import logging
import re
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from pillarbox import metrics
from pillarbox.delivery.callbacks import Callback, CallbackCaller, Outcome
from pillarbox.messages.retries import CALLBACK_RETRY_SECONDS, MOST_CALLBACK_RETRIES
from pillarbox.store.callback_attempts import CallbackAttempt, CallbackKind, Ended
from pillarbox.store.outbox import Call, Settlement
from pillarbox.store.received_texts import TextToTell
from pillarbox.store.store import Store

log = structlog.get_logger()

_TIMESTAMP = "%Y-%m-%dT%H:%M:%S.%fZ"
_SECRETS = re.compile(r"(?<=//)[^/?#@]*@|[?#].*", re.DOTALL)  # in URLs


class _Told(msgspec.Struct, frozen=True):
    """A callback and what it is about."""

    callback: Callback
    kind: CallbackKind
    channel: str
    message_id: UUID
    created_at: datetime


async def call_back(call: Call, store: Store, callbacks: CallbackCaller) -> Settlement:
    """Tell the service; on trouble that may pass, again later. The settlement takes the attempt on record."""
    told = await _what_to_tell(call, store)
    if told is None:
        return _settlement(call, again=False)
    at = datetime.now(UTC)
    outcome = await callbacks.call(told.callback)
    ended = _ended(outcome, call.attempts)
    metrics.called_back(told.kind, ended, outcome.seconds)
    _log(call, told, outcome, ended)
    return _settlement(call, again=ended == "again", record=_attempt(call, told, at, outcome, ended))


def failed(call: Call) -> Settlement:
    """Say what follows on a call that went wrong on our side."""
    return _settlement(call, again=call.attempts <= MOST_CALLBACK_RETRIES)


async def _what_to_tell(call: Call, store: Store) -> _Told | None:
    """None: the service wants to be told of texts no longer, or the text has been deleted."""
    payload = call.payload
    if call.notification_id is not None and call.created_at is not None:
        return _status(payload, call.notification_id, call.created_at)
    text = await store.received_texts.to_tell(call.service_id, UUID(payload["received_text"]))
    return None if text is None else _received_text(text)


def _status(payload: dict[str, Any], notification_id: UUID, created_at: datetime) -> _Told:
    body = payload["body"]
    webhook_id = f"{body['id']}-{body['status']}"
    callback = Callback(payload["url"], b64decode(payload["token"]), json.dumps(body).encode(), webhook_id)
    return _Told(callback, "delivery_status", str(body["notification_type"]), notification_id, created_at)


def _received_text(text: TextToTell) -> _Told:
    body = {
        "id": str(text.id),
        "source_number": text.user_number,
        "destination_number": text.notify_number,
        "message": text.content,
        "date_received": text.received_at.astimezone(UTC).strftime(_TIMESTAMP),
    }
    callback = Callback(text.url, text.token, json.dumps(body).encode(), str(text.id))
    return _Told(callback, "inbound_sms", "sms", text.id, text.created_at)


def _ended(outcome: Outcome, attempts: int) -> Ended:
    used_up = outcome.verdict == "again" and attempts > MOST_CALLBACK_RETRIES
    return "gave up" if used_up else outcome.verdict


def _log(call: Call, told: _Told, outcome: Outcome, ended: Ended) -> None:
    """Reasons are those of our side only: what services answer may name people, as queries of URLs may hold secrets."""
    log.log(
        logging.INFO if ended == "done" else logging.WARNING,
        "callback" if ended == "done" else "callback failed",
        kind=told.kind,
        message_id=str(told.message_id),
        url=_SECRETS.sub("", told.callback.url),
        attempt=call.attempts,
        status=outcome.status,
        outcome=ended,
        **({} if outcome.status else {"reason": outcome.reason}),
    )


def _attempt(call: Call, told: _Told, at: datetime, outcome: Outcome, ended: Ended) -> CallbackAttempt:
    return CallbackAttempt(
        created_at=told.created_at,
        attempted_at=at,
        service_id=call.service_id,
        kind=told.kind,
        channel=told.channel,
        message_id=told.message_id,
        webhook_id=told.callback.webhook_id,
        attempt=call.attempts,
        url=told.callback.url,
        status=outcome.status,
        outcome=ended,
        reason=_storable(outcome.reason),
        seconds=outcome.seconds,
        answer=_storable(outcome.answer.decode("utf-8", "replace")),
    )


def _storable(text: str) -> str:
    """What services answer need not be text; PostgreSQL takes neither NUL nor half of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _settlement(call: Call, *, again: bool, record: CallbackAttempt | None = None) -> Settlement:
    wait = CALLBACK_RETRY_SECONDS if again else None
    return Settlement(
        call.id, call.attempts, call.notification_id, call.created_at, again_in=wait, record=record
    )
