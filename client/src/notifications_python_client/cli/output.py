"""What commands print: tables for people, JSON for programs."""

from __future__ import annotations

import json
from typing import Any, Iterable, List, Mapping, Sequence

import click

LONGEST_CELL = 60


def show_rows(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool) -> None:
    """Print rows: all of them as one JSON list, or the columns as a table."""
    rows = list(rows)
    if as_json:
        show_json(rows)
        return
    cells = [[column.replace("_", " ") for column in columns]]
    cells += [[_cell(row.get(column)) for column in columns] for row in rows]
    for line in _aligned(cells):
        click.echo(line)


def show_one(item: Mapping[str, Any], *, as_json: bool) -> None:
    """Print one thing: as JSON, or a line for each part that has a value."""
    if as_json:
        show_json(item)
        return
    parts = [
        [name.replace("_", " "), _text(value)] for name, value in item.items() if value not in (None, {})
    ]
    width = max((len(name) for name, _ in parts), default=0)
    for name, text in parts:
        click.echo(f"{name:<{width}}  {text}".replace("\n", "\n" + " " * (width + 2)))


def show_json(value: Any) -> None:
    """Print a value as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _cell(value: Any) -> str:
    text = "" if value is None else " ".join(_text(value).split())
    return text if len(text) <= LONGEST_CELL else text[: LONGEST_CELL - 1] + "…"


def _aligned(cells: List[List[str]]) -> Iterable[str]:
    widths = [max(len(row[place]) for row in cells) for place in range(len(cells[0]))]
    for row in cells:
        yield "  ".join(f"{text:<{width}}" for text, width in zip(row, widths)).rstrip()
