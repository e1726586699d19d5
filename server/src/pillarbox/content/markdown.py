"""Showing texts in the Markdown dialect: what HTML and plain text have in common."""

from abc import abstractmethod

from pillarbox.content.markdown_blocks import parse
from pillarbox.content.markdown_inline import Inline, Phrasing
from pillarbox.content.markdown_syntax import (
    Block,
    Code,
    Document,
    Gap,
    Heading,
    Item,
    List,
    Nothing,
    Paragraph,
    Quote,
    Rule,
    Text,
    merged,
)


class Look(Phrasing):
    """How blocks are shown, and what stands within them."""

    gap: str
    rule: str

    @abstractmethod
    def paragraph(self, text: str) -> str:
        """A paragraph that is not blank."""

    @abstractmethod
    def heading(self, level: int, text: str) -> str:
        """A heading of level 1 or 2; deeper ones are paragraphs."""

    @abstractmethod
    def quote(self, inside: str) -> str:
        """An inset block."""

    @abstractmethod
    def list(self, *, ordered: bool, items: list[str]) -> str:
        """A list; its items have no white space around them."""


def show(text: str, look: Look) -> str:
    """A text in the Markdown dialect the way it looks somewhere.

    Args:
        text: the text, its placeholders filled.
        look: how its parts are shown.
    """
    document = parse(text)
    return _Show(document, look).blocks(document.blocks)


class _Show:
    def __init__(self, document: Document, look: Look) -> None:
        self.look = look
        self.inline = Inline(look, document.references)

    def blocks(self, blocks: list[Block]) -> str:
        return "".join(map(self.block, blocks))

    def block(self, block: Block) -> str:
        match block:
            case Paragraph(text) | Text(text):
                shown = self.paragraph(text)
            case Heading(level, text):
                shown = self.heading(level, text)
            case List(ordered, items):
                shown = self.look.list(ordered=ordered, items=[self.item(item) for item in items])
            case Code(text):
                shown = text
            case Quote(inside):
                shown = self.look.quote(self.blocks(inside))
            case Rule():
                shown = self.look.rule
            case Gap():
                shown = self.look.gap
            case Nothing():
                shown = ""
        return shown

    def paragraph(self, text: str) -> str:
        shown = self.inline.show(text)
        return self.look.paragraph(shown) if shown.strip() else ""

    def heading(self, level: int, text: str) -> str:
        if level > 2:
            return self.paragraph(text)
        return self.look.heading(level, self.inline.show(text))

    def item(self, item: Item) -> str:
        blocks = merged(item.blocks) if len(item.blocks) > 1 else item.blocks
        if item.loose:
            return "".join(map(self.block, blocks)).strip()
        shown = (
            self.inline.show(block.text) if isinstance(block, Text) else self.block(block) for block in blocks
        )
        return "".join(shown).strip()
