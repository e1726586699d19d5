"""`${NAME}` in cases: base URLs, text made on the spot, and what earlier answers held."""

import base64
import re
import secrets
from collections.abc import Callable, Mapping
from uuid import UUID

from tests.contract.cases_file import Json

_VARIABLE = re.compile(r"\$\{(\w+)\}")
_REPEAT = re.compile(r"REPEAT_(.+)_(\d+)", re.DOTALL)
_PDF = re.compile(r"PDF_OF_BYTES_(\d+)")


class UnknownVariable(Exception):  # noqa: N818 - names what is wrong with the case
    """A case uses a variable that nobody has set."""


class CannotSave(Exception):  # noqa: N818 - names what is wrong with the answer
    """An answer does not hold what a case wants to remember of it."""


class Variables:
    """Names and their values; a case gets a copy of its own, so that cases cannot disturb one another."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = dict(values)

    def for_case(self) -> "Variables":
        """A copy for one case, with a `FRESH` text that no other case has."""
        return Variables({**self._values, "FRESH": f"fresh-{secrets.token_hex(8)}"})

    def value(self, name: str) -> str:
        """What stands for a name.

        Raises:
            UnknownVariable: nobody has set it.
        """
        if name in self._values:
            return self._values[name]
        if repeat := _REPEAT.fullmatch(name):
            return repeat[1] * int(repeat[2])
        if pdf := _PDF.fullmatch(name):
            return base64.b64encode(b"%PDF-1.4 ".ljust(int(pdf[1]), b"a")).decode()
        raise UnknownVariable(name)

    def text(self, text: str, quote: Callable[[str], str] = str) -> str:
        """A text with its variables replaced; `quote` is applied to each value, say for use in a pattern."""
        return _VARIABLE.sub(lambda found: quote(self.value(found[1])), text)

    def fill(self, value: Json) -> Json:
        """A JSON value with the variables in all its strings replaced, names of keys included."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if isinstance(value, dict):
            return {self.text(key): self.fill(item) for key, item in value.items()}
        return value

    def save(self, wanted: Mapping[str, Json], answer: Json) -> None:
        """Remember parts of a JSON answer under names.

        Args:
            wanted: by name, a dotted path, or an object with `path` and maybe `regex` and `decode`.
            answer: the answer.

        Raises:
            CannotSave: the answer has no such part, or the part does not look as expected.
        """
        for name, spec in wanted.items():
            self._values[name] = _part(answer, spec if isinstance(spec, dict) else {"path": spec})


def _part(answer: Json, spec: Mapping[str, str]) -> str:
    found = _at(answer, spec["path"])
    text = found if isinstance(found, str) else str(found)
    if "regex" in spec:
        match = re.search(spec["regex"], text)
        if match is None:
            raise CannotSave(f"{spec['path']} is {text!r}, which {spec['regex']} does not match")
        text = match[1]
    return _uuid(text) if spec.get("decode") == "base64uuid" else text


def _at(answer: Json, path: str) -> Json:
    for name in path.split("."):
        try:
            answer = answer[int(name)] if isinstance(answer, list) else answer[name]
        except (KeyError, IndexError, TypeError, ValueError):
            raise CannotSave(f"the answer has nothing at {path}") from None
    return answer


def _uuid(text: str) -> str:
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(text + "==")))
    except ValueError:
        raise CannotSave(f"{text!r} is no UUID in base64") from None
