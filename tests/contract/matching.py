"""What differs between an answer and what a case expects; `cases/README.md` describes the matchers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from tests.contract.cases_file import Json
from tests.contract.variables import Variables

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_WITH_ARGUMENT = re.compile(r"<(re|contains|url):(.*)>", re.DOTALL)
_STAND_INS = {"{uuid}": _UUID.pattern, "{int}": r"\d+"}


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _has_form(form: re.Pattern[str]) -> Callable[[Json], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


_PLAIN: dict[str, Callable[[Json], bool]] = {
    "<any>": lambda _: True,
    "<optional>": lambda _: True,
    "<uuid>": _has_form(_UUID),
    "<datetime>": _has_form(_DATETIME),
    "<datetime-or-null>": lambda value: value is None or _has_form(_DATETIME)(value),
    "<int>": _is_int,
    "<number>": _is_number,
    "<string>": lambda value: isinstance(value, str),
    "<nonempty>": lambda value: isinstance(value, (str, list, dict)) and len(value) > 0,
    "<string-or-null>": lambda value: value is None or isinstance(value, str),
    "<bool>": lambda value: isinstance(value, bool),
}


@dataclass(frozen=True)
class Matching:
    """How one expectation is compared: with which variables, and whether more keys than expected may come."""

    variables: Variables
    subset: bool = False

    def differences(self, expected: Json, actual: Json, where: str = "answer") -> Iterator[str]:
        """Every difference, each as a sentence that says where it is."""
        if isinstance(expected, dict):
            yield from self._object(expected, actual, where)
        elif isinstance(expected, list):
            yield from self._list(expected, actual, where)
        elif not self._equal(expected, actual):
            yield f"{where}: expected {self._shown(expected)}, got {_short(actual)}"

    def matches(self, expected: Json, actual: Json) -> bool:
        """Whether nothing differs."""
        return next(self.differences(expected, actual), None) is None

    def _object(self, expected: dict[str, Json], actual: Json, where: str) -> Iterator[str]:
        if "<unordered>" in expected:
            yield from self._unordered(expected["<unordered>"], actual, where)
        elif "<len>" in expected:
            yield from _length(expected["<len>"], actual, where)
        elif isinstance(actual, dict):
            yield from self._keys(self._named(expected), actual, where)
        else:
            yield f"{where}: expected an object, got {_short(actual)}"

    def _keys(self, expected: dict[str, Json], actual: dict[str, Json], where: str) -> Iterator[str]:
        for key, value in expected.items():
            if value == "<absent>":
                if key in actual:
                    yield f"{where}.{key}: must not be there, is {_short(actual[key])}"
            elif key in actual:
                yield from self.differences(value, actual[key], f"{where}.{key}")
            elif value != "<optional>":
                yield f"{where}.{key}: is missing, expected {self._shown(value)}"
        if not self.subset:
            for key in actual.keys() - expected.keys():
                yield f"{where}.{key}: not expected, is {_short(actual[key])}"

    def _list(self, expected: list[Json], actual: Json, where: str) -> Iterator[str]:
        if not isinstance(actual, list) or len(actual) != len(expected):
            yield f"{where}: expected a list of {len(expected)}, got {_short(actual)}"
            return
        for number, (wanted, got) in enumerate(zip(expected, actual, strict=True)):
            yield from self.differences(wanted, got, f"{where}[{number}]")

    def _unordered(self, expected: list[Json], actual: Json, where: str) -> Iterator[str]:
        if not isinstance(actual, list) or len(actual) != len(expected):
            yield f"{where}: expected a list of {len(expected)} in any order, got {_short(actual)}"
        elif not self._pairs_up(expected, actual):
            yield f"{where}: expected {self._shown(expected)} in any order, got {_short(actual)}"

    def _pairs_up(self, expected: list[Json], actual: list[Json]) -> bool:
        """Whether each expected item has an actual one of its own; a first fit may block a later one."""
        if not expected:
            return True
        first, rest = expected[0], expected[1:]
        return any(
            self.matches(first, item) and self._pairs_up(rest, actual[:at] + actual[at + 1 :])
            for at, item in enumerate(actual)
        )

    def _equal(self, expected: Json, actual: Json) -> bool:
        if isinstance(expected, str):
            return self._text_matches(expected, actual)
        if _is_number(expected):
            return _is_number(actual) and abs(expected - actual) < 1e-9
        return type(expected) is type(actual) and bool(expected == actual)

    def _text_matches(self, expected: str, actual: Json) -> bool:
        if expected in _PLAIN:
            return _PLAIN[expected](actual)
        matcher = _WITH_ARGUMENT.fullmatch(expected)
        if matcher is None:
            return bool(self.variables.text(expected) == actual)
        return isinstance(actual, str) and self._fits(matcher[1], matcher[2], actual)

    def _fits(self, kind: str, argument: str, actual: str) -> bool:
        if kind == "re":
            # Values are literal text; only the case itself writes patterns.
            return re.fullmatch(self.variables.text(argument, re.escape), actual) is not None
        if kind == "contains":
            return self.variables.text(argument) in actual
        return self._url_fits(self.variables.text(argument), actual)

    def _url_fits(self, expected: str, actual: str) -> bool:
        base = self.variables.value("API")
        if not actual.startswith(base):
            return False
        wanted, got = urlsplit(expected), urlsplit(actual[len(base) :])
        query = [f"<re:{_pattern(f'{name}={value}')}>" for name, value in _pairs(wanted.query)]
        return re.fullmatch(_pattern(wanted.path), got.path) is not None and self._without_variables(
            {"<unordered>": query}, [f"{name}={value}" for name, value in _pairs(got.query)]
        )

    def _without_variables(self, expected: Json, actual: Json) -> bool:
        return Matching(Variables({})).matches(expected, actual)

    def _named(self, expected: dict[str, Json]) -> dict[str, Json]:
        return {self.variables.text(key): value for key, value in expected.items()}

    def _shown(self, expected: Json) -> str:
        is_matcher = isinstance(expected, str) and expected.startswith("<")
        return _short(expected if is_matcher else self.variables.fill(expected))


def _pattern(text: str) -> str:
    """A pattern for literal text in which `{uuid}` and `{int}` stand for any."""
    pattern = re.escape(text)
    for name, form in _STAND_INS.items():
        pattern = pattern.replace(re.escape(name), form)
    return pattern


def _pairs(query: str) -> list[tuple[str, str]]:
    return parse_qsl(query, keep_blank_values=True)


def _length(expected: Json, actual: Json, where: str) -> Iterator[str]:
    if not isinstance(actual, list):
        yield f"{where}: expected a list, got {_short(actual)}"
    elif len(actual) != expected:
        yield f"{where}: expected {expected} items, got {len(actual)}"


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) <= 300 else f"{text[:300]}… ({len(text)} characters)"
