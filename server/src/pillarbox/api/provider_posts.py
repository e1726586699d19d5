"""What providers post to us: receipts and received texts (public API contract, section 9).

A post is authenticated, its form is checked, it is kept, and it is answered; the worker reads it again and applies
it. A receipt for a message that nobody knows is answered like any other.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pillarbox.api import errors
from pillarbox.api.errors import ApiError
from pillarbox.api.state import base_url, store_of
from pillarbox.messages.posts import (
    Caller,
    Incoming,
    Intake,
    News,
    Post,
    PostKind,
    UnauthorisedPostError,
    UnreadablePostError,
)
from pillarbox.store.store import Store

log = structlog.get_logger()

MOST_BYTES = 256 * 1024

_PATHS: Mapping[str, PostKind] = {"receipts": "receipt", "received-texts": "received_text"}
_REFUSED = {
    True: (401, "Unauthorized: authentication token must be provided"),
    False: (403, "Forbidden: invalid authentication token provided"),
}


class ProviderPosts:
    """The routes that providers post to.

    Args:
        intakes: by the providers' names, what knows how they post.
    """

    def __init__(self, intakes: Mapping[str, Intake]) -> None:
        self._intakes = intakes

    def routes(self) -> list[Route]:
        """Return `/providers/{name}/…` for all, and the paths of their own that some providers have.

        Of two providers with the same path, the first gets what is posted there.
        """
        own: dict[str, tuple[Intake, PostKind]] = {}
        for intake in self._intakes.values():
            for kind, path in intake.routes.items():
                own.setdefault(path, (intake, kind))
        return [
            *(Route(f"/providers/{{name}}/{path}", self._named, methods=["GET", "POST"]) for path in _PATHS),
            *(Route(path, _endpoint(*whose), methods=["POST"]) for path, whose in own.items()),
        ]

    async def _named(self, request: Request) -> Response:
        kind = _PATHS[request.url.path.rpartition("/")[2]]
        intake = self._intakes.get(request.path_params["name"])
        if intake is None or not intake.takes(kind):
            return errors.second_envelope(404, errors.NOT_FOUND)
        return await _take(request, intake, kind)


def _endpoint(intake: Intake, kind: PostKind) -> Callable[[Request], Awaitable[Response]]:
    """A path of one provider's own."""

    async def take(request: Request) -> Response:
        return await _take(request, intake, kind)

    return take


async def _take(request: Request, intake: Intake, kind: PostKind) -> Response:
    if request.method == "HEAD":  # it comes along with GET, and tells of nothing
        return errors.second_envelope(405, errors.NOT_ALLOWED)
    try:
        post = await _post(request, intake, kind)
        intake.authenticate(post, _caller(request))
        news = intake.read(post)
    except UnauthorisedPostError as error:
        return _refused(intake, kind, *_REFUSED[error.missing])
    except UnreadablePostError as error:
        return _refused(intake, kind, 400, error.mistakes)
    except ApiError as error:
        return _refused(intake, kind, error.status, error.messages[0])
    store = store_of(request)
    dropped = not await _wanted(store, news)
    if news and not dropped:
        await store.provider_posts.keep(post)
    reply = intake.reply(kind, dropped=dropped)
    return Response(reply.body, reply.status, media_type=reply.content_type)


async def _post(request: Request, intake: Intake, kind: PostKind) -> Post:
    return Post(
        provider=intake.name,
        kind=kind,
        body=await _body(request),
        content_type=request.headers.get("content-type", "").replace("\0", ""),
        query=request.scope["query_string"].decode("latin-1").replace("\0", ""),
    )


async def _body(request: Request) -> bytes:
    """Return the body.

    Raises:
        ApiError: 413 if it is longer than what any provider has to say.
    """
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            message = f"The request body is too large. It cannot be larger than {MOST_BYTES} bytes."
            raise ApiError(413, "RequestTooLargeError", (message,))
    return bytes(body)


def _caller(request: Request) -> Caller:
    path = request.scope.get("raw_path", request.scope["path"].encode()).decode("latin-1")
    query = request.scope["query_string"].decode("latin-1")
    return Caller(
        address=request.client.host if request.client else "",
        headers=dict(request.headers),
        url=base_url(request) + path + (f"?{query}" if query else ""),
    )


async def _wanted(store: Store, news: Sequence[News]) -> bool:
    """Whether anybody is there for at least one of the texts; receipts are wanted always."""
    texts = [one for one in news if isinstance(one, Incoming)]
    if len(texts) < len(news) or not news:
        return True
    for text in texts:
        if await store.received_texts.wanted(text.receiver.replace("\0", "")):
            return True
    return False


def _refused(intake: Intake, kind: PostKind, status: int, message: str | Sequence[str]) -> Response:
    log.warning("provider post refused", provider=intake.name, kind=kind, status=status)
    return errors.second_envelope(status, message)
