"""The Markdown dialect of emails and letters, as a tree: what kinds of blocks a text is made of."""

from collections.abc import Iterator
from typing import NamedTuple


class Gap(NamedTuple):
    """Blank lines that no block before them took."""


class Rule(NamedTuple):
    """A line across the page; in letters a new page."""


class Nothing(NamedTuple):
    """A table: read, but not shown."""


class Paragraph(NamedTuple):
    """Lines that belong together. Their links are still in the text."""

    text: str


class Text(NamedTuple):
    """Lines of a list item: a paragraph only if the item stands apart from its neighbours."""

    text: str


class Heading(NamedTuple):
    """A heading of level 1 to 6."""

    level: int
    text: str


class Code(NamedTuple):
    """Text shown as it is, links and all."""

    text: str


class Quote(NamedTuple):
    """Blocks set in from the margin."""

    blocks: "list[Block]"


class Item(NamedTuple):
    """One item of a list; loose ones have blank lines within or after them."""

    blocks: "list[Block]"
    loose: bool


class List(NamedTuple):
    """Items with bullets or with numbers, which always start at 1."""

    ordered: bool
    items: list[Item]


Block = Gap | Rule | Nothing | Paragraph | Text | Heading | Code | Quote | List


class Reference(NamedTuple):
    """Where ``[text][key]`` leads."""

    target: str
    title: str | None


class Document(NamedTuple):
    """A whole text: its blocks, and the targets that its links may refer to by key."""

    blocks: list[Block]
    references: dict[str, Reference]


def merged(blocks: list[Block]) -> Iterator[Block]:
    """The blocks of a list item with neighbouring lines of text made one."""
    lines: list[str] = []
    for block in blocks:
        if isinstance(block, Text):
            lines.append(block.text)
            continue
        if lines:
            yield Text("\n".join(lines))
            lines = []
        yield block
    if lines:
        yield Text("\n".join(lines))
