"""GET /v2/notifications…: what became of messages."""

from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import Response

from pillarbox.actions.show import Shown, show
from pillarbox.actions.unsubscribe import unsubscribe_path
from pillarbox.api.auth import authenticate
from pillarbox.api.errors import ApiError, bad_request, no_result
from pillarbox.api.requests import Query, path_uuid
from pillarbox.api.responses import json_response, timestamp
from pillarbox.messages.letter_times import letter_times
from pillarbox.messages.statuses import COMPLETED, FILTERS, meant_by, shown
from pillarbox.store.notifications import Notification, PageQuery
from pillarbox.store.services import Channel
from pillarbox.store.store import Store

_CHANNELS = get_args(Channel)


async def get_notification(request: Request) -> Response:
    """Show one message."""
    caller = await authenticate(request)
    notification_id = path_uuid(request, "notification_id", "notification_id")
    store = request.state.store
    notification = await store.notifications.find(caller.service.id, notification_id)
    if notification is None:
        raise no_result()
    base = request.state.config.base_url(request)
    return json_response(await _shown(store, notification, base))


async def get_pdf(request: Request) -> Response:
    """Refuse the PDF of a letter: letters are not built yet, so there is none of any."""
    caller = await authenticate(request)
    notification_id = path_uuid(request, "notification_id", "notification_id")
    notification = await request.state.store.notifications.find(caller.service.id, notification_id)
    if notification is None:
        raise no_result()
    if notification.channel != "letter":
        raise bad_request("Notification is not a letter")
    raise ApiError(400, "PDFNotReadyError", ("PDF not available yet, try again later",))


async def get_notifications(request: Request) -> Response:
    """Show a page of messages."""
    caller = await authenticate(request)
    query = Query(request)
    reference = query.text("reference")
    statuses = query.choices("status", FILTERS)
    channels = query.choices("template_type", _CHANNELS)
    include_jobs = query.choice("include_jobs", ("true", "True"))
    older_than = query.uuid("older_than")
    query.done()
    store = request.state.store
    page = await store.notifications.page(
        PageQuery(
            service_id=caller.service.id,
            key_type=caller.key.key_type,
            channels=tuple(channels),
            statuses=meant_by(tuple(statuses)),
            reference=reference,
            older_than=older_than,
            include_jobs=include_jobs is not None,
        )
    )
    base = request.state.config.base_url(request)
    notifications = [await _shown(store, one, base) for one in page]
    last = page[-1].id if page else None
    return json_response({"notifications": notifications, "links": _links(request, base, last)})


def _links(request: Request, base: str, last: UUID | None) -> dict[str, str]:
    """`next` is this route again, older than the last of the page; an empty page has none."""
    arguments = _side_by_side(request.query_params.multi_items())
    links = {"current": _url(base, arguments)}
    if last is not None:
        names = [name for name, _ in arguments]
        if "older_than" not in names:
            arguments.append(("older_than", str(last)))
        links["next"] = _url(base, [(n, str(last) if n == "older_than" else v) for n, v in arguments])
    return links


def _side_by_side(arguments: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Values of a repeated argument next to each other, where the first of them stood."""
    names = dict.fromkeys(name for name, _ in arguments)
    return [(name, value) for name in names for other, value in arguments if other == name]


def _url(base: str, arguments: list[tuple[str, str]]) -> str:
    return f"{base}/v2/notifications" + (f"?{urlencode(arguments)}" if arguments else "")


async def _shown(store: Store, row: Notification, base: str) -> dict[str, Any]:
    content = await show(store, row)
    unsubscribe_url = row.one_click_unsubscribe_url
    if unsubscribe_url is None and content.has_unsubscribe_link:
        unsubscribe_url = base + unsubscribe_path(store.seal, row.id, row.recipient, datetime.now(UTC))
    return _as_json(row, content, base, unsubscribe_url)


def _as_json(row: Notification, content: Shown, base: str, unsubscribe_url: str | None) -> dict[str, Any]:
    return {
        "id": row.id,
        "reference": row.reference,
        "email_address": row.recipient if row.channel == "email" else None,
        "phone_number": row.recipient if row.channel == "sms" else None,
        **_address(row),
        "type": row.channel,
        "status": shown(row.status, row.channel),
        "template": {
            "id": row.template_id,
            "version": row.template_version,
            "uri": f"{base}/v2/template/{row.template_id}/version/{row.template_version}",
        },
        "body": content.body,
        "subject": content.subject,
        "created_at": timestamp(row.created_at),
        "created_by_name": row.created_by_name,
        "sent_at": timestamp(row.sent_at),
        "completed_at": timestamp(row.updated_at) if row.status in COMPLETED else None,
        "scheduled_for": None,
        "postage": row.postage,
        "one_click_unsubscribe_url": unsubscribe_url,
        "is_cost_data_ready": content.cost.ready,
        "cost_in_pounds": content.cost.pounds,
        "cost_details": content.cost.details,
        **_estimated_delivery(row),
    }


def _estimated_delivery(row: Notification) -> dict[str, str | None]:
    """Letters alone have this key."""
    if row.channel != "letter":
        return {}
    times = letter_times(row.created_at, row.postage or "second")
    return {"estimated_delivery": timestamp(times.latest_delivery)}


def _address(row: Notification) -> dict[str, Any]:
    given = (row.personalisation or {}) if row.channel == "letter" else {}
    lines = {f"line_{n}": given.get(f"address_line_{n}") for n in range(1, 7)}
    return {**lines, "postcode": given.get("postcode")}
