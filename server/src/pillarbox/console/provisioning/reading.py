"""From a file to a document: JSON or YAML read, and every part converted, so that no mistake hides another."""

import re
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NoReturn, TypeVar, get_args, get_origin

import msgspec
import yaml

from pillarbox.console.provisioning.document import Document
from pillarbox.console.provisioning.mistakes import Mistakes, ProvisioningError
from pillarbox.console.provisioning.parts import Part, within

_VARIABLE = re.compile(r"\$\{[A-Z]\w*\}")
_DEEPEST = 50

P = TypeVar("P", bound=Part)


def read(path: Path) -> tuple[Document, Mistakes]:
    """Read a file of JSON (by its ending) or YAML.

    Returns:
        What could be read, and the mistakes found so far: the parts that hold them are left out.

    Raises:
        ProvisioningError: the file cannot be read at all, or is neither JSON nor YAML.
    """
    try:
        text = path.read_text(encoding="utf-8")
        data = msgspec.json.decode(text) if path.suffix == ".json" else yaml.load(text, _Loader)  # noqa: S506 - it is a safe loader
    except (OSError, UnicodeDecodeError, RecursionError, msgspec.DecodeError, yaml.YAMLError) as error:
        raise ProvisioningError([f"{path}: {error}"]) from error
    mistakes = Mistakes(str(path), text)
    try:
        for place, value in _texts(data, "", 0):
            _check_text(value, place, mistakes)
        document = _part(data, Document, "", mistakes)
    except _LeftOutError:
        document = Document()
    return document, mistakes


class _Loader(yaml.CSafeLoader):
    """YAML in which dates are texts, as they are in JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}


class _LeftOutError(Exception):
    """A value is wrong and has been reported; what it is part of is left out."""


def _texts(data: object, place: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text in the data, with its place; of texts that are too deep inside, nobody has a use."""
    if isinstance(data, str):
        yield place, data
    elif depth < _DEEPEST and isinstance(data, dict):
        for name, value in data.items():
            yield from _texts(value, within(place, str(name)), depth + 1)
    elif depth < _DEEPEST and isinstance(data, list):
        for number, value in enumerate(data):
            yield from _texts(value, within(place, number), depth + 1)


def _check_text(text: str, place: str, mistakes: Mistakes) -> None:
    variable = _VARIABLE.search(text)
    if variable:
        mistakes.add(place, f"{variable[0]} must be replaced by its value first")
    if "\0" in text or not _is_unicode(text):
        mistakes.add(place, "holds a character that cannot be stored")


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _part(data: object, kind: type[P], place: str, mistakes: Mistakes) -> P:
    if not isinstance(data, dict):
        _wrong(mistakes, place, "must be an object")
    fields = {field.name: field for field in msgspec.structs.fields(kind) if field.name != "place"}
    for name in data:
        if name not in fields:
            mistakes.add(within(place, str(name)), "is not known here: is it misspelt?")
    values: dict[str, Any] = {}
    broken = False
    for name, field in fields.items():
        try:
            if name in data:
                values[name] = _value(data[name], field.type, within(place, name), mistakes)
            elif field.required:
                _wrong(mistakes, place, f"{name} is missing")
        except _LeftOutError:
            broken = True
    if broken:
        raise _LeftOutError
    return kind(**values, place=place)


def _value(data: object, kind: Any, place: str, mistakes: Mistakes) -> Any:
    if isinstance(kind, type) and issubclass(kind, Part):
        return _part(data, kind, place, mistakes)
    item = _item_of(kind)
    if item is not None:
        return _parts(data, item, place, mistakes)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        what, _, inner = str(error).partition(" - at `")
        if inner.startswith("$["):
            place += inner.removeprefix("$").rstrip("`").replace("[...]", "")
        _wrong(mistakes, place, what + _hint(what, kind))


def _item_of(kind: Any) -> Any:
    """What a list holds, if that is parts: their class, or several of which `kind` chooses."""
    if get_origin(kind) is Annotated:
        return _item_of(get_args(kind)[0])
    (item,) = get_args(kind) if get_origin(kind) is list else (None,)
    several = isinstance(item, UnionType)
    return item if several or (isinstance(item, type) and issubclass(item, Part)) else None


def _parts(data: object, item: Any, place: str, mistakes: Mistakes) -> list[Part]:
    """Those that are right. A wrong one is left out alone: what it belongs to may have mistakes to report too."""
    if not isinstance(data, list):
        _wrong(mistakes, place, "must be a list")
    converted = []
    for number, one in enumerate(data):
        try:
            converted.append(_one_of(one, item, within(place, number), mistakes))
        except _LeftOutError:
            continue
    return converted


def _one_of(data: object, item: type[Part] | UnionType, place: str, mistakes: Mistakes) -> Part:
    if not isinstance(item, UnionType):
        return _part(data, item, place, mistakes)
    options: dict[object, type[Part]] = {
        get_args(option.__annotations__["kind"])[0]: option for option in get_args(item)
    }
    kind = data.get("kind") if isinstance(data, dict) else None
    if not isinstance(kind, str) or kind not in options:
        _wrong(mistakes, within(place, "kind"), f"must be one of {', '.join(map(str, options))}")
    return _part(data, options[kind], place, mistakes)


def _hint(what: str, kind: Any) -> str:
    if "Invalid enum value" in what:
        return f": must be one of {', '.join(map(str, _options(kind)))}"
    if what.startswith("Expected `str") and ("`int`" in what or "`float`" in what or "`bool`" in what):
        return ": put it in quotes"
    return ""


def _options(kind: Any) -> list[Any]:
    """The values of the first Literal within a type."""
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return next((found for inner in get_args(kind) if (found := _options(inner))), [])


def _wrong(mistakes: Mistakes, place: str, what: str) -> NoReturn:
    mistakes.add(place, what)
    raise _LeftOutError
