"""GET /v2/notifications…: what became of messages."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, get_args
from urllib.parse import urlencode

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from pillarbox.actions.show import Shown, show
from pillarbox.actions.unsubscribe import unsubscribe_path
from pillarbox.api.auth import authenticate
from pillarbox.api.errors import ApiError, bad_request, no_result
from pillarbox.api.requests import Query, path_uuid
from pillarbox.api.responses import json_response, moment, timestamp
from pillarbox.api.state import base_url, store_of
from pillarbox.messages.letter_times import letter_times
from pillarbox.messages.statuses import COMPLETED, FILTERS, meant_by, shown
from pillarbox.store.notifications import Notification, PageQuery
from pillarbox.store.sealing import Seal
from pillarbox.store.services import Channel

_CHANNELS = get_args(Channel)


async def get_notification(request: Request) -> Response:
    """Show one message."""
    caller = await authenticate(request)
    notification_id = path_uuid(request, "notification_id", "notification_id")
    store = store_of(request)
    notification = await store.notifications.find(caller.service.id, notification_id)
    if notification is None:
        raise no_result()
    base = base_url(request)
    (content,) = await show(store, caller.service.id, [notification])
    return json_response(_as_json(store.seal, notification, content, base))


async def get_pdf(request: Request) -> Response:
    """Refuse the PDF of a letter: letters are not built yet, so there is none of any."""
    caller = await authenticate(request)
    notification_id = path_uuid(request, "notification_id", "notification_id")
    notification = await store_of(request).notifications.find(caller.service.id, notification_id)
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
    store = store_of(request)
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
    base = base_url(request)
    contents = await show(store, caller.service.id, page)
    notifications = [
        _as_json(store.seal, row, content, base) for row, content in zip(page, contents, strict=True)
    ]
    last = page[-1].id if page else None
    return json_response({"notifications": notifications, "links": _links(request, base, last)})


def _links(request: Request, base: str, last: str | None) -> dict[str, str]:
    """`next` is this route again, older than the last of the page; an empty page has none."""
    arguments = _side_by_side(request.query_params.multi_items())
    links = {"current": _url(base, arguments)}
    if last is not None:
        names = [name for name, _ in arguments]
        if "older_than" not in names:
            arguments.append(("older_than", last))
        links["next"] = _url(base, [(n, last if n == "older_than" else v) for n, v in arguments])
    return links


def _side_by_side(arguments: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Values of a repeated argument next to each other, where the first of them stood."""
    names = dict.fromkeys(name for name, _ in arguments)
    return [(name, value) for name in names for other, value in arguments if other == name]


def _url(base: str, arguments: list[tuple[str, str]]) -> str:
    return f"{base}/v2/notifications" + (f"?{urlencode(arguments)}" if arguments else "")


class NotificationJson(msgspec.Struct, kw_only=True, omit_defaults=False):
    """A message as callers see it (public API contract, section 4, GET notification)."""

    id: str
    reference: str | None
    email_address: str | None = None
    phone_number: str | None = None
    line_1: str | None = None
    line_2: str | None = None
    line_3: str | None = None
    line_4: str | None = None
    line_5: str | None = None
    line_6: str | None = None
    postcode: str | None = None
    type: str
    status: str
    template: msgspec.Raw
    body: str
    subject: str | None
    created_at: datetime | str | None
    created_by_name: str | None
    sent_at: datetime | str | None
    completed_at: datetime | str | None
    scheduled_for: None = None
    postage: str | None
    one_click_unsubscribe_url: str | None
    is_cost_data_ready: bool
    cost_in_pounds: float | None
    cost_details: dict[str, Any]
    estimated_delivery: str | msgspec.UnsetType | None = msgspec.UNSET


def _as_json(seal: Seal, row: Notification, content: Shown, base: str) -> NotificationJson:
    shown_as = NotificationJson(
        id=row.id,
        reference=row.reference,
        type=row.channel,
        status=shown(row.status, row.channel),
        template=_template(base, row.template_id, row.template_version),
        body=content.body,
        subject=content.subject,
        created_at=moment(row.created_at),
        created_by_name=row.created_by_name,
        sent_at=moment(row.sent_at),
        completed_at=moment(row.updated_at) if row.status in COMPLETED else None,
        postage=row.postage,
        one_click_unsubscribe_url=row.one_click_unsubscribe_url,
        is_cost_data_ready=content.cost.ready,
        cost_in_pounds=content.cost.pounds,
        cost_details=content.cost.details,
    )
    if row.channel == "sms":
        shown_as.phone_number = row.recipient
    elif row.channel == "email":
        shown_as.email_address = row.recipient
        if row.one_click_unsubscribe_url is None and content.has_unsubscribe_link:
            path = unsubscribe_path(seal, row.id, row.recipient, datetime.now(UTC))
            shown_as.one_click_unsubscribe_url = base + path
    else:
        _address(shown_as, row)
    return shown_as


@lru_cache(maxsize=1024)
def _template(base: str, template_id: str, version: int) -> msgspec.Raw:
    """The messages of a page share a few templates."""
    uri = f"{base}/v2/template/{template_id}/version/{version}"
    return msgspec.Raw(msgspec.json.encode({"id": template_id, "version": version, "uri": uri}))


def _address(shown_as: NotificationJson, row: Notification) -> None:
    """Letters show their address as it was given, and when they should arrive."""
    given = row.personalisation or {}
    for n in range(1, 7):
        setattr(shown_as, f"line_{n}", given.get(f"address_line_{n}"))
    shown_as.postcode = given.get("postcode")
    times = letter_times(row.created_at, row.postage or "second")
    shown_as.estimated_delivery = timestamp(times.latest_delivery)
