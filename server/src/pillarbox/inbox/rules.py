"""The rules that the sandbox plays by, for programs: shown, set, added, taken away."""

import asyncio
from typing import TypeVar
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pillarbox.inbox.answers import BadRequestError, as_json, guarded, mistake
from pillarbox.rehearsal.rules import MOST_RULES, Rule, mistakes_in, mistakes_in_all
from pillarbox.store.rehearsals import LIFETIME, KeptRule, Rehearsals

Form = TypeVar("Form")

_UNTIL_KNOWN = LIFETIME + 0.05  # seconds after which every worker has looked again
_TOO_MANY = f"there are {MOST_RULES} rules already, and no more are kept"


class _Given(Rule, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """A rule as it is shown, so that what was read can be put back: id and count are ours, and are not looked at."""

    id: object = None
    used: object = None

    def plain(self) -> Rule:
        """The rule alone."""
        return Rule(**{name: getattr(self, name) for name in Rule.__struct_fields__})


class _List(msgspec.Struct, forbid_unknown_fields=True):
    rules: list[_Given]


@guarded
async def get_rules(request: Request) -> Response:
    """The rules, in the order in which they are tried."""
    return as_json({"rules": [shown(kept) for kept in await rehearsals(request).rules()]})


@guarded
async def put_rules(request: Request) -> Response:
    """These rules and no others; counts begin anew."""
    try:
        rules = [given.plain() for given in decoded(await request.body(), _List).rules]
    except BadRequestError as error:
        return mistake(error)
    mistakes = mistakes_in_all(rules)
    if mistakes:
        return mistake("; ".join(mistakes))
    await rehearsals(request).replace(rules)
    await until_known()
    return await get_rules(request)


@guarded
async def post_rule(request: Request) -> Response:
    """One more rule, behind the others, or in front of them with `?place=first`."""
    place = request.query_params.get("place", "last")
    if place not in {"first", "last"}:
        return mistake(f"place is {place!r} but must be first or last")
    try:
        rule = decoded(await request.body(), _Given).plain()
        rule_id = await add(request, rule, first=place == "first")
    except BadRequestError as error:
        return mistake(error)
    return as_json(shown(KeptRule(rule_id, rule, 0)), 201)


@guarded
async def delete_rules(request: Request) -> Response:
    """No rule any more; the counts of those in the providers file begin anew."""
    await rehearsals(request).replace([])
    await until_known()
    return Response(status_code=204)


@guarded
async def delete_rule(request: Request) -> Response:
    """One rule less."""
    if not await rehearsals(request).remove(request.path_params["rule_id"]):
        return mistake("there is no such rule", 404)
    await until_known()
    return Response(status_code=204)


ROUTES = [
    Route("/inbox/rules", get_rules, methods=["GET"]),
    Route("/inbox/rules", put_rules, methods=["PUT"]),
    Route("/inbox/rules", post_rule, methods=["POST"]),
    Route("/inbox/rules", delete_rules, methods=["DELETE"]),
    Route("/inbox/rules/{rule_id:uuid}", delete_rule, methods=["DELETE"]),
]


async def add(request: Request, rule: Rule, *, first: bool) -> UUID:
    """Add a rule; every worker knows it when this returns.

    Raises:
        BadRequestError: it contradicts itself, or there are too many.
    """
    mistakes = list(mistakes_in(rule))
    if mistakes:
        raise BadRequestError("; ".join(mistakes))
    rule_id = await rehearsals(request).add(rule, first=first)
    if rule_id is None:
        raise BadRequestError(_TOO_MANY)
    await until_known()
    return rule_id


async def until_known() -> None:
    """Wait until no worker goes by the rules of before: whoever is answered then may rely on the new ones."""
    await asyncio.sleep(_UNTIL_KNOWN)


def rehearsals(request: Request) -> Rehearsals:
    """The table of rules."""
    found: Rehearsals = request.state.store.rehearsals
    return found


def shown(kept: KeptRule) -> dict[str, object]:
    """A rule as programs see it; `used` is how often it has applied, if that is counted."""
    counted = {} if kept.rule.times is None else {"used": kept.used}
    return {"id": kept.id, **msgspec.to_builtins(kept.rule), **counted}


def decoded(body: bytes, form: type[Form]) -> Form:
    """Read JSON.

    Raises:
        BadRequestError: it is none, or not of that form.
    """
    try:
        return msgspec.json.decode(body, type=form)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadRequestError(str(error)) from error
