"""What should not have happened: the contract's 500 for the caller, one line in the log for the operator."""

import traceback

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pillarbox.api.errors import on_crash

log = structlog.get_logger()


class Crashes:
    """Answers errors that no handler knows.

    The log gets where it happened and the classes of the errors, never their texts: a database's complaint quotes
    the values it complains of, and those are people's.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; answer and log what goes wrong with it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def noting(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noting)
        except ClientDisconnect:
            log.debug("caller hung up")
        except Exception as error:  # noqa: BLE001 - the last place that can still answer
            _note(scope, error)
            if not started:
                response = await on_crash(Request(scope), error)
                await response(scope, receive, send)


def _note(scope: Scope, error: BaseException) -> None:
    endpoint = getattr(scope.get("endpoint"), "__qualname__", None)
    log.error("request failed", method=scope["method"], endpoint=endpoint, **described(error))


def described(error: BaseException) -> dict[str, list[str]]:
    """Return the classes of an error and its causes, and the lines that led to it, outermost first."""
    classes: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(classes) < 10:
        classes.append(f"{type(cause).__module__}.{type(cause).__qualname__}")
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-30:]
    return {"error": classes, "traceback": [f"{f.filename}:{f.lineno} {f.name}" for f in frames]}
