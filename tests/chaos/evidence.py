"""What is there to be judged when a storm is over: the database's rows and the counterparts' books."""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.rows import dict_row

from tests.chaos.product import Product
from tests.chaos.scene import Scene

PROVIDERS = ("gateway", "smsc", "relay")
Line = Mapping[str, Any]

_CUTTING = ("lost", "hang up", "stall", "garbage", "closing")

_MESSAGES = """
select n.id::text, n.reference as token, n.channel, n.status, n.timeline,
    extract(epoch from n.created_at)::float as created
from notification n where n.service_id = %s
"""
_CALLS = "select message_id::text as id, webhook_id, attempt, outcome from callback_attempt a order by a.id"
_NAMES = "select reference, notification_id::text as id from provider_reference where provider = 'smsc'"
_POSTS = "select provider, body, outcome from provider_post"
_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Evidence:
    """Everything that was written down.

    Attributes:
        messages: rows of the database by id, those that got no 201 too.
        calls: the record of callbacks, by the message's id.
        names: the messages' ids by the SMSC's references, as far as we were told them.
        posts: what providers told us and nobody could apply.
        heard: what the service's endpoint was told, by the message's id.
        taken: lines of the providers' books about messages that they took for new, by token; oldest first.
        known: lines about messages that the gateway knew again, by token.
        refused: lines about messages that were not taken, by token.
        told: receipts that were acknowledged, with `provider`.
        kills: what was killed and started, and when.
    """

    messages: dict[str, Line]
    calls: dict[str, list[Line]]
    names: dict[str, str]
    posts: list[Line]
    heard: dict[str, list[Line]]
    taken: dict[str, list[Line]]
    known: dict[str, list[Line]]
    refused: dict[str, list[Line]]
    told: list[Line]
    kills: list[Line]

    def meant_by(self, receipt: Line) -> str | None:
        """The id of the message that a receipt is about; None if we were never told that reference."""
        if receipt["provider"] == "smsc":
            return self.names.get(receipt["theirs"])
        found = _ID.search(receipt.get("reference") or receipt["to"])
        return found[0] if found else None

    @cached_property
    def _told_by_message(self) -> dict[str, list[Line]]:
        return _by("id", ({**line, "id": self.meant_by(line)} for line in self.told))

    def told_of(self, identifier: str) -> list[Line]:
        """The receipts of a message that were acknowledged."""
        return self._told_by_message.get(identifier, [])

    def cuts(self, provider: str) -> list[float]:
        """When a provider cut a connection, left an answer away, or died."""
        lines = itertools.chain(*self.taken.values(), *self.refused.values())
        faults = [line["at"] for line in lines if line["provider"] == provider and line["fault"] in _CUTTING]
        return faults + [line["at"] for line in self.kills if line["part"] == provider]


def gather(product: Product) -> Evidence:
    """Read it all."""
    with psycopg.connect(product.database.url, row_factory=dict_row) as connection:
        rows = {
            name: connection.execute(query, values).fetchall()
            for name, query, values in (
                ("messages", _MESSAGES, [product.service.id]),
                ("calls", _CALLS, []),
                ("names", _NAMES, []),
                ("posts", _POSTS, []),
            )
        }
    lines = _lines_of_providers(product.scene)
    return Evidence(
        messages={row["id"]: row for row in rows["messages"]},
        calls=_by("id", rows["calls"]),
        names={row["reference"]: row["id"] for row in rows["names"]},
        posts=rows["posts"],
        heard=_by("id", product.scene.book("endpoint").lines()),
        taken=_by("token", (line for line in lines if line["what"] == "took")),
        known=_by("token", (line for line in lines if line["what"] == "known")),
        refused=_by("token", (line for line in lines if line["what"] == "refused")),
        told=[line for line in lines if line["what"] == "told"],
        kills=product.scene.book("kills").lines(),
    )


def receipts_left(scene: Scene) -> int:
    """How many receipts are planned that nobody has acknowledged."""
    lines = _lines_of_providers(scene)
    return sum({"planned": 1, "told": -1}.get(line["what"], 0) for line in lines)


def _lines_of_providers(scene: Scene) -> list[Line]:
    found = [line | {"provider": name} for name in PROVIDERS for line in scene.book(name).lines()]
    return sorted(found, key=lambda line: line["at"])


def _by(name: str, lines: Iterable[Line]) -> dict[str, list[Line]]:
    found = defaultdict(list)
    for line in lines:
        found[line[name]].append(line)
    return dict(found)
