"""POST /v2/notifications/bulk: one template, up to 10,000 recipients, one commit. An addition to the contract."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pillarbox import metrics
from pillarbox.actions.accept import (
    Accepted,
    Email,
    Text,
    accept_email,
    accept_text,
    check_channel,
    check_template,
)
from pillarbox.actions.refusals import Refused
from pillarbox.api.auth import Caller, authenticate
from pillarbox.api.errors import ApiError, bad_request, refused
from pillarbox.api.idempotency import once
from pillarbox.api.limits import Allowance, allowance
from pillarbox.api.requests import read_json
from pillarbox.api.schemas import BULK, BULK_EMAIL_ROW, BULK_SMS_ROW
from pillarbox.api.state import store_of
from pillarbox.content.placeholders import PersonalisationError
from pillarbox.messages.daily_limits import daily_limit_message
from pillarbox.store.idempotency import Claim
from pillarbox.store.services import Channel
from pillarbox.store.store import Store
from pillarbox.store.templates import Template

_ROWS_AT_A_TIME = 50  # other callers get their turn in between

Row = Accepted | ApiError
CheckRow = Callable[[Any], Accepted]


@dataclass(frozen=True, slots=True)
class Checked:
    """All rows of a request, accepted or refused, in order."""

    template: Template
    rows: list[Row]
    all_or_none: bool

    @property
    def accepted(self) -> list[Accepted]:
        """Those that may be sent."""
        return [row for row in self.rows if isinstance(row, Accepted)]


async def post_bulk(request: Request) -> Response:
    """Accept many messages: all of them or none, or those that are valid."""
    caller = await authenticate(request)

    async def send(claim: Claim | None) -> Response:
        async with allowance(request, caller, None) as allowed:
            checked = await _check(request, caller, allowed)
            if checked.all_or_none and len(checked.accepted) < len(checked.rows):
                raise _none_stored(checked)
            answer = msgspec.json.encode(_answer(checked))
            await _store(store_of(request), checked, allowed, claim, answer)
        return Response(answer, 201, media_type="application/json")

    return await once(request, caller, send)


async def _check(request: Request, caller: Caller, allowed: Allowance) -> Checked:
    form = BULK.read(await read_json(request))
    found = await store_of(request).templates.current(caller.service.id, form["template_id"])
    channel: Channel = found.channel if found else "sms"
    if channel == "letter":
        raise bad_request("letter template is not suitable for bulk notifications")
    check_channel(caller.service, channel)
    template = check_template(found, channel)
    check = (
        _text_checker(caller, template, form) if channel == "sms" else _email_checker(caller, template, form)
    )
    rows = [await _in_turn(number, row, check) for number, row in enumerate(form["rows"])]
    rows = await _within_limits(allowed, caller, channel, rows)
    return Checked(template, rows, all_or_none=form.get("commit", "all") == "all")


def _text_checker(caller: Caller, template: Template, form: dict[str, Any]) -> CheckRow:
    def check(row: Any) -> Accepted:
        read = BULK_SMS_ROW.read(row)
        to, number = read["phone_number"]
        text = Text(
            to, number, read.get("personalisation", {}), read.get("reference"), form.get("sms_sender_id")
        )
        return accept_text(caller.service, caller.key, template, text)

    return check


def _email_checker(caller: Caller, template: Template, form: dict[str, Any]) -> CheckRow:
    def check(row: Any) -> Accepted:
        read = BULK_EMAIL_ROW.read(row)
        email = Email(
            read["email_address"],
            read.get("personalisation", {}),
            read.get("reference"),
            form.get("email_reply_to_id"),
            read.get("one_click_unsubscribe_url"),
        )
        return accept_email(caller.service, caller.key, template, email)

    return check


async def _in_turn(number: int, row: Any, check: CheckRow) -> Row:
    if number % _ROWS_AT_A_TIME == 0:
        await asyncio.sleep(0)
    try:
        accepted = check(row)
        accepted.check_length()
    except ApiError as error:
        return error
    except Refused as refusal:
        return refused(refusal)
    except PersonalisationError as error:
        return bad_request(str(error))
    return accepted


async def _within_limits(allowed: Allowance, caller: Caller, channel: str, rows: list[Row]) -> list[Row]:
    """The first rows get the day's places, as if they had been sent one after another."""
    counted = [row for row in rows if isinstance(row, Accepted) and not row.simulated]
    placed = await allowed.take_many(channel, len(counted))
    abroad = [row for row in counted[:placed] if row.notification.phone_prefix not in (None, "44")]
    placed_abroad = await allowed.take_many("international_sms", len(abroad))
    await allowed.release(channel, len(abroad) - placed_abroad)
    over = dict.fromkeys(map(id, counted[placed:]), channel)
    over |= dict.fromkeys(map(id, abroad[placed_abroad:]), "international_sms")
    return [_over_limit(caller, over[id(row)]) if id(row) in over else row for row in rows]


def _over_limit(caller: Caller, channel: str) -> ApiError:
    message = daily_limit_message(channel, caller.service.daily_limits[channel])
    return ApiError(429, "TooManyRequestsError", (message,))


async def _store(
    store: Store, checked: Checked, allowed: Allowance, claim: Claim | None, answer: bytes
) -> None:
    new = [row.notification for row in checked.accepted if not row.simulated]
    if not new:
        await allowed.give_back()
        if claim is not None:
            await store.idempotency_keys.release(claim)
        return
    if claim is not None:
        for row in new:
            row.claim = claim.claim
        new[0].idempotency_key, new[0].fingerprint = claim.key, claim.fingerprint
        new[0].answer = answer.decode()
    await store.notifications.add_all(new)
    if new:
        metrics.accepted(new[0].channel, new[0].key_type, new[0].created_at, len(new))


def _none_stored(checked: Checked) -> ApiError:
    wrong = len(checked.rows) - len(checked.accepted)
    message = f"{wrong} of {len(checked.rows)} rows are refused, so none was accepted"
    return ApiError(400, "BulkError", (message,), {"rows": list(_shown(checked.rows, stored=False))})


def _answer(checked: Checked) -> dict[str, Any]:
    accepted = len(checked.accepted)
    return {
        "template": {"id": checked.template.id, "version": checked.template.version},
        "accepted": accepted,
        "refused": len(checked.rows) - accepted,
        "rows": list(_shown(checked.rows)),
    }


def _shown(rows: Sequence[Row], *, stored: bool = True) -> Iterator[dict[str, Any]]:
    for row in rows:
        if isinstance(row, ApiError):
            yield {"errors": row.body["errors"]}
        else:
            yield {"id": row.notification.id if stored else None, "reference": row.notification.reference}
