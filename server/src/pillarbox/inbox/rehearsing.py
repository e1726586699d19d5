"""The page of rules: what the sandbox does with messages, and a form to make them fail."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from pillarbox.inbox import pages
from pillarbox.inbox.answers import BadRequestError, guarded, page
from pillarbox.inbox.forms import converted, filled_in
from pillarbox.inbox.rules import add, rehearsals, until_known
from pillarbox.rehearsal.rules import Rule

PATH = "/inbox/rehearsal"
_LABELS = {
    "to": "Sent to",
    "contains": "With the words",
    "channel": "Channel",
    "outcome": "What becomes of it",
    "times": "How many times",
    "after": "Reported after",
    "answer_after": "The provider answers after",
    "again_in": "Asked again in",
    "receipts": "Reported",
    "provider": "Provider",
    "reply": "Reply",
    "reply_after": "Replied after",
}


@guarded
async def get_rehearsal(request: Request) -> Response:
    """The rules, and an empty form for one more."""
    to = request.query_params.get("to", "")[:320]
    return await _page(request, {"to": to, "times": "1", "outcome": "temporary-failure"})


@guarded
async def post_rule(request: Request) -> Response:
    """Put a rule in front of the others: whoever adds one wants to see it at work."""
    fields: dict[str, str] = {}
    try:
        fields = await filled_in(request)
        await add(request, converted(fields, Rule, _LABELS), first=True)
    except BadRequestError as error:
        return await _page(request, fields, str(error))
    return RedirectResponse(PATH, 303)


@guarded
async def post_remove(request: Request) -> Response:
    """Take a rule away; one that is gone already is no mistake."""
    await rehearsals(request).remove(request.path_params["rule_id"])
    await until_known()
    return RedirectResponse(PATH, 303)


@guarded
async def post_clear(request: Request) -> Response:
    """Take all rules away."""
    await rehearsals(request).replace([])
    await until_known()
    return RedirectResponse(PATH, 303)


ROUTES = [
    Route(PATH, get_rehearsal, methods=["GET"]),
    Route(PATH, post_rule, methods=["POST"]),
    Route(f"{PATH}/clear", post_clear, methods=["POST"]),
    Route(f"{PATH}/{{rule_id:uuid}}/remove", post_remove, methods=["POST"]),
]


async def _page(request: Request, fields: Mapping[str, str], mistake: str = "") -> Response:
    rules = await rehearsals(request).rules()
    return page(pages.rehearsal(rules, fields, mistake), 400 if mistake else 200)
