"""From a file of YAML to a description: every part is converted by itself, so that no mistake hides another."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
import yaml

from pillarbox.providers.sms_http.checks import mistakes_in
from pillarbox.providers.sms_http.description import Description, Part

_SHIPPED = resources.files("pillarbox.providers.sms_http") / "descriptions"

P = TypeVar("P", bound=Part)


class DescriptionError(Exception):
    """A description holds mistakes; `mistakes` says where each of them is and what it is."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = list(mistakes)


def shipped() -> list[str]:
    """Return the names of the descriptions that come with Pillarbox, sorted."""
    return sorted(file.name.removesuffix(".yaml") for file in _SHIPPED.iterdir())


def load(name: str) -> Description:
    """Return a description that comes with Pillarbox, or one from a file of the operator's own.

    Args:
        name: one of `shipped()`, or a path with a slash or `.yaml` in it.

    Raises:
        DescriptionError: with every mistake found.
    """
    if "/" not in name and not name.endswith((".yaml", ".yml")):
        if name not in shipped():
            raise DescriptionError(
                [f"{name!r} is none of {', '.join(shipped())}; a path of your own ends with .yaml"]
            )
        return read((_SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    try:
        return read(Path(name).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise DescriptionError([f"cannot be read: {error}"]) from error


def read(text: str) -> Description:
    """Return what a text of YAML describes.

    Raises:
        DescriptionError: with every mistake found, each with its place: `receipts.statuses.3: …`.
    """
    try:
        data = _yaml(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise DescriptionError([f"is no YAML: {error}"]) from error
    mistakes: list[str] = []
    description = _part(data, Description, "", mistakes)
    if description is not None and not mistakes:
        mistakes = list(mistakes_in(description))
    if description is None or mistakes:
        raise DescriptionError(mistakes)
    return description


class _Loader(yaml.CSafeLoader):
    """YAML in which keys are texts, whatever they look like (`000`, `no`), and none stands twice.

    References are refused: a few lines of them can stand for more than fits into memory.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:  # noqa: ARG002, FBT001, FBT002 - as the library has it
        read: dict[Any, Any] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in read:
                what = "stands twice" if isinstance(key, yaml.ScalarNode) else "is no text"
                raise yaml.YAMLError(f"line {key.start_mark.line + 1}: the key {what}")
            read[key.value] = self.construct_object(value, deep=True)
        return read


def _yaml(text: str) -> Any:
    if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, yaml.CSafeLoader)):
        raise yaml.YAMLError("references (*name) are not read")
    return yaml.load(text, _Loader)  # noqa: S506 - it is a safe loader


def _part(data: Any, kind: type[P], place: str, mistakes: list[str]) -> P | None:
    """Convert a mapping; None if there are mistakes in it, which are then among `mistakes`."""
    if not isinstance(data, dict):
        mistakes.append(f"{place or 'the description'} must be a mapping")
        return None
    before = len(mistakes)
    fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
    mistakes.extend(f"{within(place, name)} is not a key here" for name in data if name not in fields)
    read = {
        name: _value(data[name], field.type, within(place, name), mistakes)
        for name, field in fields.items()
        if name in data
    }
    mistakes.extend(
        f"{within(place, name)} is missing"
        for name, field in fields.items()
        if name not in data and field.required
    )
    return kind(**read) if len(mistakes) == before else None


def _value(data: Any, kind: Any, place: str, mistakes: list[str]) -> Any:
    """Convert a value; what is within it one by one."""
    if isinstance(data, dict) and (inner := _within(kind, dict)):
        return {name: _value(one, inner, within(place, name), mistakes) for name, one in data.items()}
    if isinstance(data, list) and (inner := _within(kind, list, tuple)):
        return [_value(one, inner, f"{place}[{number}]", mistakes) for number, one in enumerate(data)]
    part = _part_of(kind)
    if part and (isinstance(data, dict) or kind is part):
        return _part(data, part, place, mistakes)
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        mistakes.append(f"{place}: {_in_words(str(error))}")
        return None


def _options(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _within(kind: Any, *outer: type) -> Any:
    """What is within a mapping or a list of this type; None if it is neither."""
    found = next((one for one in _options(kind) if get_origin(one) in outer), None)
    if found is None:
        return None
    return get_args(found)[1] if get_origin(found) is dict else get_args(found)[0]


def _part_of(kind: Any) -> type[Part] | None:
    """The part that a type stands for, on its own or beside something simple."""
    return next((one for one in _options(kind) if isinstance(one, type) and issubclass(one, Part)), None)


def _in_words(message: str) -> str:
    """What msgspec found, for people who write YAML."""
    if message.startswith(("Expected `str`, got `int`", "Expected `str`, got `float`")):
        message = message.replace(message.split(" - ", maxsplit=1)[0], "must be a text: put it into quotes")
    return message.replace("`object`", "a mapping")


def within(place: str, name: object) -> str:
    """Return the place of something within something."""
    return f"{place}.{name}" if place else str(name)
