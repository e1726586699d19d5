"""Texts that people send to services: those there are, and simulating one."""

from typing import Annotated
from uuid import UUID, uuid4

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pillarbox.inbox.answers import BadRequestError, as_json, guarded, mistake
from pillarbox.inbox.rules import decoded, rehearsals
from pillarbox.messages.posts import Incoming
from pillarbox.recipients.comparison import format_recipient
from pillarbox.rehearsal.posts import INBOX, written
from pillarbox.store.received_texts import ReceivedText
from pillarbox.store.rehearsals import Receiver


class SimulatedText(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Somebody texts a service, which is named by its id or by its number."""

    sender: Annotated[str, Meta(min_length=1, max_length=50)] = msgspec.field(name="from")
    message: Annotated[str, Meta(max_length=1600)]
    service_id: UUID | None = None
    notify_number: Annotated[str, Meta(min_length=1, max_length=50)] | None = None


@guarded
async def get_received_texts(request: Request) -> Response:
    """The newest texts to any service."""
    found = await request.state.store.received_texts.newest()
    return as_json({"received_texts": [_as_programs_see(text) for text in found]})


@guarded
async def post_received_text(request: Request) -> Response:
    """As if somebody's phone had sent it: kept like a provider's post, then read and passed on by the worker."""
    try:
        text = decoded(await request.body(), SimulatedText)
        receiver = await receive(request, text)
    except BadRequestError as error:
        return mistake(error)
    answer = {"service_id": receiver.service_id, "notify_number": receiver.number}
    return as_json({**answer, "from": text.sender, "message": text.message}, 202)


ROUTES = [
    Route("/inbox/received-texts", get_received_texts, methods=["GET"]),
    Route("/inbox/received-texts", post_received_text, methods=["POST"]),
]


async def receive(request: Request, text: SimulatedText) -> Receiver:
    """Keep a simulated text; return whose it will be.

    Raises:
        BadRequestError: it is nobody's, or holds what no text can.
    """
    if "\0" in text.message + text.sender:
        raise BadRequestError("there is a character in it that no text has")
    receiver = _receiver(text, await rehearsals(request).receivers())
    incoming = Incoming(format_recipient(text.sender), receiver.number, text.message, reference=str(uuid4()))
    await request.state.store.provider_posts.keep(written(INBOX, incoming))
    return receiver


def _receiver(text: SimulatedText, receivers: list[Receiver]) -> Receiver:
    if (text.service_id is None) == (text.notify_number is None):
        raise BadRequestError("give either service_id or notify_number")
    number = text.notify_number and format_recipient(text.notify_number)
    for receiver in receivers:
        if text.service_id == receiver.service_id or number == format_recipient(receiver.number):
            return _allowed(receiver)
    if number is None:
        raise BadRequestError(f"service {text.service_id} has no inbound_number, or there is no such service")
    raise BadRequestError(f"no service receives texts at {text.notify_number}")


def _allowed(receiver: Receiver) -> Receiver:
    if not receiver.may:
        raise BadRequestError(f"{receiver.name} may not receive texts: it lacks the permission inbound_sms")
    return receiver


def _as_programs_see(text: ReceivedText) -> dict[str, object]:
    return {
        "id": text.id,
        "service_id": text.service_id,
        "notify_number": text.notify_number,
        "from": text.user_number,
        "message": text.content,
        "created_at": text.created_at,
    }
