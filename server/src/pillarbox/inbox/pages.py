"""The inbox's pages, from templates."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from uuid import UUID

from django.template import Context, Engine, Template
from starlette.responses import Response

from pillarbox.inbox import rule_words, timeline
from pillarbox.inbox.query import Query
from pillarbox.inbox.shown import Shown
from pillarbox.inbox.words import OUTCOMES, Moment, readable
from pillarbox.store.callback_attempts import CallbackAttempt
from pillarbox.store.received_texts import ReceivedText
from pillarbox.store.rehearsals import KeptRule, Receiver
from pillarbox.store.sandbox import MOST_SHOWN, CaughtMessage, Fate

_FOLDER = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def inbox(
    messages: Sequence[CaughtMessage],
    fates: Mapping[UUID, Fate],
    query: Query,
    mistake: str | None = None,
) -> str:
    """The list of messages; or, instead of them, what is wrong with the search."""
    shown = [Shown.of(message, fates.get(message.notification_id)) for message in messages]
    search = query.search
    return _fill(
        "inbox.html",
        messages=shown,
        newest=shown[0].moment.iso if shown else "",
        under_way=any(one.mood == "wait" for one in shown),
        count=_count(len(shown)),
        to=query.to,
        channel=search.channel or "",
        reference=search.reference or "",
        filtered=bool(search.to or search.channel or search.reference),
        mistake=mistake or "",
    )


def message(
    caught: CaughtMessage,
    fate: Fate | None = None,
    calls: Sequence[CallbackAttempt] = (),
    receiver: Receiver | None = None,
) -> str:
    """One message, what happened to it, and a field to reply if its service receives texts."""
    may_reply = receiver is not None and receiver.may and caught.channel == "sms" and caught.refusal is None
    return _fill(
        "message.html",
        message=Shown.of(caught, fate),
        steps=timeline.steps(fate, calls),
        may_reply=may_reply,
    )


def rehearsal(rules: Sequence[KeptRule], fields: Mapping[str, str], mistake: str) -> str:
    """The rules, and a form for one more."""
    more = ("contains", "answer_after", "again_in", "receipts", "for_each_message", "provider", "reply_after")
    return _fill(
        "rehearsal.html",
        rules=rule_words.all_of(rules),
        outcomes=list(OUTCOMES.items()),
        fields=dict(fields),
        more=any(name in fields for name in more),
        mistake=mistake,
    )


def texts(
    received: Sequence[ReceivedText],
    receivers: Sequence[Receiver],
    fields: Mapping[str, str],
    mistake: str,
) -> str:
    """What services have received, and a form to send them something."""
    names = {receiver.service_id: receiver.name for receiver in receivers}
    return _fill(
        "texts.html",
        texts=[_shown_text(text, names) for text in received],
        receivers=[_shown_receiver(one) for one in receivers if one.may],
        fields={name.removesuffix("_id"): value for name, value in fields.items()},
        sender=fields.get("from", ""),
        mistake=mistake,
    )


def notice(title: str, sentence: str) -> str:
    """A page that says why there is nothing to see."""
    return _fill("notice.html", title=title, sentence=sentence)


def asset(name: str) -> Response | None:
    """A style or script; None if there is none of that name."""
    path = _FOLDER / "assets" / name
    if path.suffix not in _TYPES or path.parent != _FOLDER / "assets" or not path.is_file():
        return None
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix])


def _shown_text(text: ReceivedText, names: Mapping[UUID, str]) -> dict[str, object]:
    return {
        "sender": readable(text.user_number),
        "service": names.get(text.service_id, str(text.service_id)),
        "number": readable(text.notify_number),
        "body": text.content,
        "moment": Moment.of(text.created_at),
    }


def _shown_receiver(receiver: Receiver) -> dict[str, str]:
    return {"id": str(receiver.service_id), "name": receiver.name, "number": receiver.number}


def _count(number: int) -> str:
    if number >= MOST_SHOWN:
        return f"The newest {MOST_SHOWN} messages"
    return "1 message" if number == 1 else f"{number} messages"


def _fill(name: str, **values: object) -> str:
    """Values are text, truth, or things made of them: whatever else asks for Django's settings, which are not there."""
    return _template(name).render(Context(values, use_l10n=False, use_tz=False))


@cache
def _template(name: str) -> Template:
    return _engine().get_template(name)


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_FOLDER / "templates")], autoescape=True)
