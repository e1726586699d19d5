"""What should not have happened: the contract's 500 for the caller, one line in the log for the operator."""

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pillarbox.api.errors import on_crash
from pillarbox.logs import described

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
