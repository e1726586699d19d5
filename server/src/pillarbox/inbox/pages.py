"""The inbox's pages, from templates."""

from functools import cache
from pathlib import Path

from django.template import Context, Engine, Template
from starlette.responses import Response

from pillarbox.store.sandbox import CaughtMessage, Search

_FOLDER = Path(__file__).parent
_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def inbox(messages: list[CaughtMessage], search: Search) -> str:
    """The list of messages."""
    newest = messages[0].caught_at.isoformat() if messages and messages[0].caught_at else ""
    return _template("inbox.html").render(Context({"messages": messages, "search": search, "newest": newest}))


def message(caught: CaughtMessage) -> str:
    """One message."""
    return _template("message.html").render(Context({"message": caught}))


def asset(name: str) -> Response | None:
    """A style or script; None if there is none of that name."""
    path = _FOLDER / "assets" / name
    if path.suffix not in _TYPES or path.parent != _FOLDER / "assets" or not path.is_file():
        return None
    return Response(
        path.read_bytes(), media_type=_TYPES[path.suffix], headers={"Cache-Control": "max-age=60"}
    )


@cache
def _template(name: str) -> Template:
    return _engine().get_template(name)


@cache
def _engine() -> Engine:
    return Engine(dirs=[str(_FOLDER / "templates")], autoescape=True)
