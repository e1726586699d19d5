"""Texts with gaps: `{name}` is a gap, `{{` and `}}` are braces. Nothing in them is ever run.

Values are encoded for where they go before they are filled in, so that none can end the place that it stands in.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

import msgspec

_TOKENS = re.compile(r"(\{\{|\}\}|\{[a-z][a-z0-9_]*\}|[{}])")

Encode = Callable[[str], str]


class TemplateError(ValueError):
    """A text with gaps is not written as it should be."""


@dataclass(frozen=True, slots=True)
class Template:
    """A text with gaps.

    Attributes:
        pieces: what stands around the gaps: one piece more than there are gaps.
        names: what goes into the gaps.
    """

    pieces: tuple[str, ...]
    names: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Read a text with gaps.

        Raises:
            TemplateError: if a brace stands alone.
        """
        pieces, names = [""], []
        for token in _TOKENS.split(text):
            if token in ("{", "}"):
                raise TemplateError(f"a {token} stands alone: write {token * 2} for a brace")
            if len(token) > 2 and token[0] == "{" and token[-1] == "}":
                names.append(token[1:-1])
                pieces.append("")
            else:
                pieces[-1] += token[0] if token in ("{{", "}}") else token
        return cls(tuple(pieces), tuple(names))

    def fill(self, values: Mapping[str, str]) -> str:
        """Return the text with its gaps filled; every name must be among the values, encoded already."""
        if not self.names:
            return self.pieces[0]
        parts = [self.pieces[0]]
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            parts += (values[name], piece)
        return "".join(parts)

    def settle(self, values: Mapping[str, str], encode: Encode) -> "Template":
        """Fill the gaps whose values are known already."""
        pieces, names = [self.pieces[0]], []
        for name, piece in zip(self.names, self.pieces[1:], strict=True):
            if name in values:
                pieces[-1] += encode(values[name]) + piece
            else:
                names.append(name)
                pieces.append(piece)
        return Template(tuple(pieces), tuple(names))

    def around(self, encode: Encode) -> "Template":
        """Encode what stands around the gaps."""
        return Template(tuple(map(encode, self.pieces)), self.names)


def joined(templates: Sequence[Template], between: str = "") -> Template:
    """Return one template for several, one behind another."""
    pieces: list[str] = [""]
    names: list[str] = []
    for number, template in enumerate(templates):
        pieces[-1] += (between if number else "") + template.pieces[0]
        pieces.extend(template.pieces[1:])
        names.extend(template.names)
    return Template(tuple(pieces), tuple(names))


def literal(value: str) -> Template:
    """Return a text without gaps, whatever braces are in it."""
    return Template((value,))


def as_it_is(value: str) -> str:
    """Leave a value as it is."""
    return value


def in_url(value: str) -> str:
    """Encode a value for a part of a URL (RFC 3986)."""
    return quote(value, safe="")


# Each byte as it stands in a form: looking them up takes half the time of quote_plus.
_IN_FORM = [quote_plus(bytes([byte])) for byte in range(256)].__getitem__


def in_form(value: str) -> str:
    """Encode a value for a form (URL Living Standard, application/x-www-form-urlencoded)."""
    return "".join(map(_IN_FORM, value.encode()))


def in_json(value: str) -> str:
    """Encode a value for a place within quotes in JSON (RFC 8259)."""
    return msgspec.json.encode(value).decode()[1:-1]


def json_template(value: object, known: Mapping[str, str], missing: frozenset[str]) -> Template | None:
    """Return the template of a JSON value whose texts have gaps.

    Args:
        value: mappings, lists, texts, numbers, truths and null.
        known: values that are the same for every message.
        missing: names without a value: what has a gap for one of them is left out.

    Returns:
        None if the value itself is to be left out.

    Raises:
        TemplateError: if a text has a brace that stands alone.
    """
    if isinstance(value, str):
        template = Template.parse(value)
        if missing.intersection(template.names):
            return None
        return _enclosed('"', [template.around(in_json).settle(known, in_json)], '"')
    if isinstance(value, dict):
        return _mapping_template(value, known, missing)
    if isinstance(value, list):
        inner = [json_template(one, known, missing) for one in value]
        return _enclosed("[", [one for one in inner if one], "]")
    return literal(msgspec.json.encode(value).decode())


def _mapping_template(
    value: Mapping[str, object], known: Mapping[str, str], missing: frozenset[str]
) -> Template:
    members = []
    for name, one in value.items():
        template = json_template(one, known, missing)
        if template:
            members.append(joined([literal(msgspec.json.encode(name).decode() + ":"), template]))
    return _enclosed("{", members, "}")


def _enclosed(opening: str, templates: Sequence[Template], closing: str) -> Template:
    return joined([literal(opening), joined(templates, ","), literal(closing)])
