"""Reading the Markdown dialect: from text to a tree of blocks.

A text is read line by line in one walk. Quotes and lists are read again inside, at most six deep of each, so
the time taken grows with the length of the text and not faster, whatever is in it.

Contract: content rules, section 6, "Dialect". The recorded cases decide the rest.
"""

import re
from collections.abc import Callable
from functools import cached_property

from pillarbox.content.markdown_definitions import Definitions
from pillarbox.content.markdown_fences import Fences
from pillarbox.content.markdown_lists import list_at, list_items
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
    Reference,
    Rule,
    Text,
)

# Quotes and lists within that many of their kind are shown as they are written.
_DEEPEST = 6

_NEWLINE = re.compile(r"\r\n?")
_BLANK_LINE = re.compile(r"^ +$", re.MULTILINE)

_FIRST = re.compile(r" *+([\s\S])")
_GAP = re.compile(r"\n+")
_RULE = re.compile(r" {0,3}[-*_](?>(?: *+[-*_]){2,}) *+(?:\n+|\Z)")
_CODE = re.compile(r"(?>(?: {4}[^\n]++\n*+)+)")
_CODE_INDENT = re.compile(r"^ {4}", re.MULTILINE)
_HEADING = re.compile(r" *+(#{1,6}) *([^\n]+)(?:\n+|\Z)")
_UNDERLINED = re.compile(r"([^\n]++)\n *+([=-]++) *+(?:\n+|\Z)")
_QUOTE = re.compile(r"(?>(?: *+\^[^\n]++(?>(?:\n[^\n]++)*)\n*+)+)")
_QUOTE_MARK = re.compile(r"^ *\^ ?", re.MULTILINE)
_TABLE = re.compile(r" *+\|[^\n]+\n *+\| *+[-:]++[-| :]*+\n(?>(?: *+\|[^\n]*+(?:\n|\Z))*)\n*+")
# Nearly every paragraph: one line that starts with a letter, is no row of a table and has blank lines after it.
_PLAIN_PARAGRAPH = re.compile(r"([^\W\d_][^\n|]*+)(?:\n\n++|\Z)")
# The text of nearly every list item: one line that starts with a letter.
_PLAIN_ITEM = re.compile(r" {0,3}[^\W\d_][^\n]*+")
_BARE_TABLE = re.compile(
    r" *+\S[^\n|]*+\|[^\n]*+\n *+[-:]++ *+\|[-| :]*+\n(?>(?:[^\n|]*+\|[^\n]*+(?:\n|\Z))*)\n*+"
)

# HTML elements that may stand within a line; any other at the start of a line starts a paragraph.
_WITHIN_LINES = (
    "a|em|strong|small|s|cite|q|dfn|abbr|data|time|code|var|samp|kbd|sub|sup|i|b|u|mark|ruby|rt|rp|bdi|bdo|"
    "span|br|wbr|ins|del|img|font"
)
# What ends a paragraph on the line above it. These are the marks of ordinary Markdown, not of this dialect:
# "+ a" and "> a" do interrupt a paragraph, "^ a" and "•a" do not.
_INTERRUPTION = (
    r" {0,3}[-*_](?>(?: *+[-*_]){2,}) *+(?:\n|\Z)"
    r"| *+[#>][^\n]"
    r"| *+(?:[*+-](?:\d++\.)?|\d++\.) [\s\S]"
    rf"|<(?!(?:{_WITHIN_LINES})\b)\w++(?!:/|[^\w\s@]*+@)"
    r"|[^\n]++\n *+[=-]++ *+(?:\n|\Z)"
)
_INTERRUPTED = re.compile(_INTERRUPTION)
_PERHAPS_INTERRUPTED = re.compile(r" *+(?:\[|`{3}|~{3})")
_PARAGRAPH = re.compile(rf"[^\n]++(?>(?:\n(?!{_INTERRUPTION}|{_PERHAPS_INTERRUPTED.pattern})[^\n]++)*)")

Found = tuple[Block | None, int] | None


def parse(text: str) -> Document:
    """Read a text in the Markdown dialect.

    Args:
        text: any text at all; everything means something, so nothing is refused.

    Returns:
        The text as a tree. Where links, line breaks and escapes stand is left to whoever shows the text.
    """
    text = _NEWLINE.sub("\n", text).expandtabs(4).replace("\u2424", "\n")
    references: dict[str, Reference] = {}
    if "\n " in text or text.startswith(" "):
        text = _BLANK_LINE.sub("", text)
    blocks = _Reader(text, references).document()
    return Document(blocks, references)


class _Reader:
    """One walk through a text, or through the inside of a quote or an item."""

    def __init__(
        self, text: str, references: dict[str, Reference], list_depth: int = 0, quote_depth: int = 0
    ) -> None:
        self.text = text.rstrip("\n")
        self.references = references
        self.list_depth = list_depth
        self.quote_depth = quote_depth

    @cached_property
    def definitions(self) -> Definitions:
        """Where links' targets are defined."""
        return Definitions(self.text)

    @cached_property
    def fences(self) -> Fences:
        """Where fenced code stands."""
        return Fences(self.text)

    def document(self) -> list[Block]:
        """The blocks of a whole text, or of a quote."""
        return self._read(_DOCUMENT, self.paragraph)

    def item(self) -> list[Block]:
        """The blocks of a list item: there are no headings with #, tables and definitions here."""
        return self._read(_ITEM, self.line)

    def _read(self, rules: "Rules", otherwise: Callable[[int], tuple[Block, int]]) -> list[Block]:
        blocks: list[Block] = []
        position = 0
        while position < len(self.text):
            block, position = self._first(rules.at(self.text, position), position) or otherwise(position)
            if block is not None:
                blocks.append(block)
        return blocks

    def _first(self, rules: "list[ReadRule]", start: int) -> Found:
        for rule in rules:
            found = rule(self, start)
            if found:
                return found
        return None

    def plain_paragraph(self, start: int) -> Found:
        """The short way to what the other rules would find as well."""
        paragraph = _PLAIN_PARAGRAPH.match(self.text, start)
        return (Paragraph(paragraph[1]), paragraph.end()) if paragraph else None

    def gap(self, start: int) -> Found:
        newlines = _GAP.match(self.text, start)
        if not newlines:
            return None
        # A single one only ends the line before.
        return (Gap() if len(newlines[0]) > 1 else None), newlines.end()

    def rule(self, start: int) -> Found:
        rule = _RULE.match(self.text, start)
        return (Rule(), rule.end()) if rule else None

    def indented_code(self, start: int) -> Found:
        code = _CODE.match(self.text, start)
        return (Code(_CODE_INDENT.sub("", code[0])), code.end()) if code else None

    def fenced_code(self, start: int) -> Found:
        fenced = self.fences.at(start)
        return (Code(fenced.code), fenced.end) if fenced else None

    def heading(self, start: int) -> Found:
        heading = _HEADING.match(self.text, start)
        if not heading:
            return None
        marks, text = heading.groups()
        # One character is left at least, even if it looks like part of the decoration.
        return Heading(len(marks), text.rstrip(" ").rstrip("#").rstrip(" ") or text[0]), heading.end()

    def underlined(self, start: int) -> Found:
        heading = _UNDERLINED.match(self.text, start)
        if not heading:
            return None
        return Heading(1 if heading[2].endswith("=") else 2, heading[1]), heading.end()

    def table(self, start: int) -> Found:
        table = _TABLE.match(self.text, start)
        return (Nothing(), table.end()) if table else None

    def bare_table(self, start: int) -> Found:
        table = _BARE_TABLE.match(self.text, start)
        return (Nothing(), table.end()) if table else None

    def definition(self, start: int) -> Found:
        definition = self.definitions.at(start)
        if not definition:
            return None
        key, reference, end = definition
        self.references[key] = reference
        return None, end

    def quote(self, start: int) -> Found:
        quote = _QUOTE.match(self.text, start)
        if not quote:
            return None
        if self.quote_depth == _DEEPEST:
            return Quote([Paragraph(quote[0])]), quote.end()
        inside = _QUOTE_MARK.sub("", quote[0])
        reader = _Reader(inside, self.references, self.list_depth, self.quote_depth + 1)
        return Quote(reader.document()), quote.end()

    def listing(self, start: int) -> Found:
        extent = list_at(self.text, start, self.definitions)
        if not extent:
            return None
        source = self.text[start : extent.end]
        if self.list_depth == _DEEPEST:
            return List(extent.ordered, [Item([Text(source)], loose=False)]), extent.end
        items = [Item(self._inside(raw.text), raw.loose) for raw in list_items(source, extent.indent)]
        return List(extent.ordered, items), extent.end

    def _inside(self, item: str) -> list[Block]:
        plain = _PLAIN_ITEM.fullmatch(item.rstrip("\n"))
        if plain:
            return [Text(plain[0])]
        return _Reader(item, self.references, self.list_depth + 1, self.quote_depth).item()

    def line(self, start: int) -> tuple[Block, int]:
        end = self.text.find("\n", start)
        end = len(self.text) if end < 0 else end
        return Text(self.text[start:end]), end

    def paragraph(self, start: int) -> tuple[Block, int]:
        end = self._end_of_lines(start)
        while self._line_may_follow(end):
            end = self._end_of_lines(end + 1)
        newlines = _GAP.match(self.text, end)
        return Paragraph(self.text[start:end]), newlines.end() if newlines else end

    def _end_of_lines(self, start: int) -> int:
        lines = _PARAGRAPH.match(self.text, start)
        return lines.end() if lines else start

    def _line_may_follow(self, end: int) -> bool:
        """Whether the paragraph goes on after all: the next line only looks like code or a definition."""
        start = end + 1
        if not _PERHAPS_INTERRUPTED.match(self.text, start) or _INTERRUPTED.match(self.text, start):
            return False
        return not (self.fences.at(start) or self.definitions.begins_at(start))


ReadRule = Callable[[_Reader, int], Found]


class Rules:
    """What may stand at the start of a line, in the order in which it is tried.

    Args:
        order: the rules, each with the marks one of which it begins with; none if it may begin with anything.
        short: a rule that is tried before all others where the line begins with no mark.
    """

    def __init__(self, *order: tuple[ReadRule, str], short: ReadRule | None = None) -> None:
        self._all = [rule for rule, _ in order]
        self._any = ([short] if short else []) + [rule for rule, marks in order if not marks]
        marks = "".join(marks for _, marks in order)
        self._by_mark = {
            mark: [rule for rule, marks in order if not marks or mark in marks] for mark in marks
        }

    def at(self, text: str, start: int) -> list[ReadRule]:
        """The rules that the line which starts here may follow."""
        mark = text[start]
        if mark == " ":
            first = _FIRST.match(text, start)
            if not first or first.start(1) - start > 3:
                return self._all
            mark = first[1]
        return self._by_mark.get("1" if mark.isdecimal() else mark, self._any)


_DOCUMENT = Rules(
    (_Reader.gap, "\n"),
    (_Reader.rule, "-*_"),
    (_Reader.indented_code, " "),
    (_Reader.fenced_code, "`~"),
    (_Reader.heading, "#"),
    (_Reader.bare_table, ""),
    (_Reader.underlined, ""),
    (_Reader.quote, "^"),
    (_Reader.listing, "-*•1"),
    (_Reader.definition, "["),
    (_Reader.table, "|"),
    short=_Reader.plain_paragraph,
)
_ITEM = Rules(
    (_Reader.gap, "\n"),
    (_Reader.indented_code, " "),
    (_Reader.fenced_code, "`~"),
    (_Reader.underlined, ""),
    (_Reader.rule, "-*_"),
    (_Reader.quote, "^"),
    (_Reader.listing, "-*•1"),
)
