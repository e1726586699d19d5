"""Rows of configuration tables: created where they are not there, written where they differ, else left alone."""

from collections.abc import Sequence
from typing import Any

from django.db.models import Model

Values = dict[str, Any]


class Tally:
    """How many rows were created and how many changed."""

    def __init__(self) -> None:
        self.created = 0
        self.changed = 0

    def __str__(self) -> str:
        if not self.created and not self.changed:
            return "nothing to change"
        return f"{self.created} created, {self.changed} changed"


def put(model: type[Model], key: Sequence[str], wanted: Sequence[Values], tally: Tally) -> list[Model]:
    """Make the table hold the wanted rows, with one look at it and at most two statements to write.

    Args:
        model: the table.
        key: the fields that tell rows apart; the first of them is what rows are looked up by.
        wanted: the rows, each with its key.
        tally: counts what is written.

    Returns:
        The rows that were written.
    """
    there = {_key(row, key): row for row in _rows(model, {f"{key[0]}__in": {one[key[0]] for one in wanted}})}
    created: list[Model] = []
    changed: list[Model] = []
    names: set[str] = set()
    for one in wanted:
        row = there.get(tuple(one[name] for name in key))
        if row is None:
            created.append(model(**one))
            continue
        different = {name for name, value in one.items() if getattr(row, name) != value}
        for name in different:
            setattr(row, name, one[name])
        if different:
            changed.append(row)
            names |= different
    _write(model, created, changed, names)
    tally.created += len(created)
    tally.changed += len(changed)
    return created + changed


def keep_only(model: type[Model], owner: str, key: str, wanted: dict[Any, set[Any]], tally: Tally) -> None:
    """Delete rows of these owners whose `key` is not among those wanted for the owner."""
    surplus = [
        row.pk
        for row in _rows(model, {f"{owner}__in": list(wanted)})
        if getattr(row, key) not in wanted[getattr(row, owner)]
    ]
    if surplus:
        model._default_manager.filter(pk__in=surplus).delete()  # noqa: SLF001 - Django's documented name for it
        tally.changed += len(surplus)


def _rows(model: type[Model], condition: Values) -> list[Model]:
    return list(model._default_manager.filter(**condition))  # noqa: SLF001 - as above


def _write(model: type[Model], created: list[Model], changed: list[Model], names: set[str]) -> None:
    manager = model._default_manager  # noqa: SLF001 - as above
    if changed:  # first, since what is unique in a row may move on to a new one
        manager.bulk_update(changed, sorted(names))
    manager.bulk_create(created)


def _key(row: Model, key: Sequence[str]) -> tuple[Any, ...]:
    return tuple(getattr(row, name) for name in key)
