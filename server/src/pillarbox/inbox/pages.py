"""The inbox's pages, from templates."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django.template import Context, Engine, Template
from starlette.responses import Response

from pillarbox.inbox.query import Query
from pillarbox.inbox.shown import Shown
from pillarbox.store.sandbox import MOST_SHOWN, CaughtMessage

_FOLDER = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def inbox(messages: Sequence[CaughtMessage], query: Query, mistake: str | None = None) -> str:
    """The list of messages; or, instead of them, what is wrong with the search."""
    shown = [Shown.of(message) for message in messages]
    search = query.search
    return _fill(
        "inbox.html",
        messages=shown,
        newest=shown[0].moment if shown else "",
        count=_count(len(shown)),
        to=query.to,
        channel=search.channel or "",
        reference=search.reference or "",
        filtered=bool(search.to or search.channel or search.reference),
        mistake=mistake or "",
    )


def message(caught: CaughtMessage) -> str:
    """One message."""
    return _fill("message.html", message=Shown.of(caught))


def notice(title: str, sentence: str) -> str:
    """A page that says why there is nothing to see."""
    return _fill("notice.html", title=title, sentence=sentence)


def asset(name: str) -> Response | None:
    """A style or script; None if there is none of that name."""
    path = _FOLDER / "assets" / name
    if path.suffix not in _TYPES or path.parent != _FOLDER / "assets" or not path.is_file():
        return None
    return Response(path.read_bytes(), media_type=_TYPES[path.suffix])


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
