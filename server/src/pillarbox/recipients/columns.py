"""The header of a spreadsheet: which columns are recipients, which fill placeholders, which are missing."""

from collections import Counter
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import cached_property

from pillarbox.content.characters import strip_obscure
from pillarbox.content.placeholders import fold

ADDRESS_COLUMNS = (*(f"address line {number}" for number in range(1, 7)), "postcode", "address line 7")

_MIN_ADDRESS_COLUMNS = 3
_LAST_LINES = ("addressline7", "postcode")


class Channel(Enum):
    """How messages go out; the value is what templates call it."""

    TEXT = "sms"
    EMAIL = "email"
    LETTER = "letter"

    @property
    def recipient_columns(self) -> tuple[str, ...]:
        """The headers under which a spreadsheet says where messages go."""
        return _RECIPIENT_COLUMNS[self]


_RECIPIENT_COLUMNS = {
    Channel.TEXT: ("phone number",),
    Channel.EMAIL: ("email address",),
    Channel.LETTER: ADDRESS_COLUMNS,
}

Value = str | None | list[str | None]


class Columns:
    """The header row, compared with what a template needs.

    Args:
        header: the cells of the first row.
        channel: how the messages go out.
        placeholders: the names that the template asks for.
        rows: the rows below; only looked at if a header is there twice.

    Contract: content rules, section 8.
    """

    def __init__(
        self,
        header: Sequence[str],
        channel: Channel,
        placeholders: Sequence[str],
        rows: Iterable[Sequence[str]] = (),
    ) -> None:
        self.channel = channel
        self.placeholders = tuple(placeholders)
        self._width = len(header)
        self._positions = _without_idle_repeats(header, rows)
        self._headers = [header[position] for position in self._positions]
        self._keys = [fold(name) for name in self._headers]

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers as they are spelt, each once."""
        return tuple(dict.fromkeys(self._headers))

    @cached_property
    def recipient_keys(self) -> tuple[str, ...]:
        """The folded names of the recipient columns of the channel."""
        return tuple(map(fold, self.channel.recipient_columns))

    @cached_property
    def placeholder_keys(self) -> tuple[str, ...]:
        """The folded names that the template asks for."""
        return tuple(map(fold, self.placeholders))

    @cached_property
    def wanted_keys(self) -> frozenset[str]:
        """The folded names of all columns that a message is made from; others are ignored."""
        return frozenset((*self.recipient_keys, *self.placeholder_keys))

    @cached_property
    def required_keys(self) -> tuple[str, ...]:
        """The columns there are in which no cell may be blank. Lines of an address may."""
        optional = self.recipient_keys if self.channel is Channel.LETTER else ()
        wanted = dict.fromkeys((*self.recipient_keys, *self.placeholder_keys))
        return tuple(key for key in wanted if key in self._keys and key not in optional)

    @property
    def missing(self) -> tuple[str, ...]:
        """The headers that the template needs and the spreadsheet lacks; never lines of an address."""
        optional = self.recipient_keys if self.channel is Channel.LETTER else ()
        wanted = {fold(name): name for name in (*self.placeholders, *self.channel.recipient_columns)}
        return tuple(name for key, name in wanted.items() if key not in self._keys and key not in optional)

    @property
    def duplicate_recipients(self) -> tuple[str, ...]:
        """The headers of recipient columns that are there more than once, as they are spelt."""
        times = Counter(self._keys)
        repeated = (name for name, key in zip(self._headers, self._keys, strict=True) if times[key] > 1)
        return tuple(dict.fromkeys(name for name in repeated if fold(name) in self.recipient_keys))

    @property
    def has_recipients(self) -> bool:
        """Whether the spreadsheet says where messages go: for letters, at least three lines of the address."""
        there = set(self.recipient_keys).intersection(self._keys)
        if self.channel is not Channel.LETTER:
            return bool(there)
        return any(len(there - {other}) >= _MIN_ADDRESS_COLUMNS for other in _LAST_LINES)

    @cached_property
    def _is_plain(self) -> bool:
        return len(set(self._headers)) == self._width and "" not in self._keys

    def values(self, cells: Sequence[str]) -> dict[str, Value]:
        """The cells of one row by the folded name of their column, without what nobody can see.

        Blank cells are None. Columns with the same header make a list; of columns whose headers differ in
        spelling only, the last wins. Cells beyond the header stand under an empty name.
        """
        if self._is_plain and len(cells) == self._width:
            return dict(zip(self._keys, map(_clean, cells), strict=True))
        by_header: dict[str, Value] = {}
        for position, header in zip(self._positions, self._headers, strict=True):
            cell = _clean(cells[position]) if position < len(cells) else None
            by_header[header] = _joined(by_header[header], cell) if header in by_header else cell
        named = {fold(header): value for header, value in by_header.items()}
        return _with_nameless(named, [_clean(cell) for cell in cells[self._width :]])


def _clean(cell: str) -> str | None:
    return strip_obscure(cell) or None


def _joined(before: Value, cell: str | None) -> Value:
    """Cells under the same header: a list, which starts with the first that is not blank."""
    if isinstance(before, list):
        return [*before, cell]
    return cell if before is None else [before, cell]


def _with_nameless(values: dict[str, Value], extra: list[str | None]) -> dict[str, Value]:
    if any(extra):
        values[""] = extra
    if values.get("", "") is None:
        del values[""]
    return values


def _without_idle_repeats(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[int]:
    """The positions of the columns, of which those with an equal header and without data count once."""
    times = Counter(header)
    idle = {position for position, name in enumerate(header) if times[name] > 1}
    for cells in rows if idle else ():
        idle.difference_update([position for position in idle if position < len(cells) and cells[position]])
        if not idle:
            break
    busy = {name for position, name in enumerate(header) if position not in idle}
    kept = {name: position for position, name in reversed(list(enumerate(header))) if name not in busy}
    return [
        position for position, name in enumerate(header) if position not in idle or kept.get(name) == position
    ]
