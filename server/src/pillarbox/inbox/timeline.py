"""What happened to a message, in words, oldest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from pillarbox.inbox.words import Moment, Mood, status
from pillarbox.store.callback_attempts import CallbackAttempt
from pillarbox.store.sandbox import Fate

_ANSWERS: dict[str, tuple[str, Mood]] = {
    "accepted": ("{} took it", "good"),
    "busy": ("{} was busy", "wait"),
    "rejected": ("{} refused it", "bad"),
    "unknown": ("{} did not answer", "wait"),
}
_CALLS: dict[str, tuple[str, Mood]] = {
    "done": ("The service was told", "good"),
    "again": ("The service was not reached; it is called again", "wait"),
    "failed": ("The service would not hear of it", "bad"),
    "gave up": ("The service was not reached; nobody calls it any more", "bad"),
}


@dataclass(frozen=True)
class Step:
    """One line of the timeline."""

    at: datetime
    moment: Moment
    title: str
    detail: str
    mood: Mood


def steps(fate: Fate | None, calls: Sequence[CallbackAttempt]) -> list[Step]:
    """Return all that is known of a message's way."""
    if fate is None:
        return []
    accepted = _step(fate.created_at, "Accepted", "", "good")
    found = [accepted, *map(_of_event, fate.timeline), *map(_of_call, calls)]
    return sorted(found, key=lambda step: step.at)


def _of_event(event: Mapping[str, Any]) -> Step:
    provider = str(event.get("provider") or "Pillarbox")
    detail = ", ".join(str(event[name]) for name in ("code", "reason") if event.get(name))
    title, mood = _title(event, provider)
    return _step(_time(event.get("at")), title, detail, mood)


def _title(event: Mapping[str, Any], provider: str) -> tuple[str, Mood]:
    answer = _ANSWERS.get(str(event.get("answer")))
    if answer is not None:
        words, mood = answer
        return words.format(provider), mood
    if event.get("status"):
        words, mood = status(str(event["status"]))
        return f"{provider} reports: {words.lower()}", mood
    return str(event.get("what") or event.get("answer") or "Something happened").capitalize(), "wait"


def _of_call(call: CallbackAttempt) -> Step:
    title, mood = _CALLS[call.outcome]
    url = urlsplit(call.url)
    answer = call.reason if call.status is None else f"{call.status} {call.reason}"
    return _step(
        call.attempted_at, title, f"{url.scheme}://{url.netloc}{url.path}: {answer}".strip(" :"), mood
    )


def _step(at: datetime, title: str, detail: str, mood: Mood) -> Step:
    return Step(at, Moment.of(at), title[:1].upper() + title[1:], detail, mood)


def _time(text: object) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
