"""The providers file: which ways out there are, and how messages are shared among them.

docs/reference/providers.md describes it. Every mistake is reported at once, each with the provider's name.
"""

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import yaml

from pillarbox.providers.configured import Configured
from pillarbox.providers.registry import KINDS

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_VARIABLE = re.compile(r"\$\{(file:)?([^}]+)\}")


class ProvidersFileError(Exception):
    """The providers file holds mistakes; `mistakes` names each of them in a sentence."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = list(mistakes)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    kind: str
    weight: int = 100
    international: bool = True
    senders: dict[str, str] = {}
    options: dict[str, Any] = {}


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    providers: list[Any]


def read_file(path: Path, environ: Mapping[str, str] = os.environ) -> list[Configured]:
    """Read a providers file.

    Raises:
        ProvidersFileError: with every mistake found.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        entries = msgspec.convert(raw, _File).providers
    except (OSError, UnicodeDecodeError, yaml.YAMLError, msgspec.ValidationError, RecursionError) as error:
        raise ProvidersFileError([f"{path}: {error}"]) from error
    mistakes: list[str] = []
    configured = [
        found for number, raw in enumerate(entries, 1) if (found := _read(number, raw, environ, mistakes))
    ]
    names = [one.name for one in configured]
    mistakes += [
        f"{name}: two providers have this name" for name in sorted({n for n in names if names.count(n) > 1})
    ]
    if mistakes:
        raise ProvidersFileError(mistakes)
    return configured


def _read(number: int, raw: Any, environ: Mapping[str, str], mistakes: list[str]) -> Configured | None:
    try:
        entry = msgspec.convert(_filled(raw, environ), _Entry)
    except (msgspec.ValidationError, _MissingError) as error:
        mistakes.append(f"provider {number}: {error}")
        return None
    found = _mistakes_of(entry)
    kind = KINDS.get(entry.kind)
    if kind is None or found:
        mistakes.extend(f"{entry.name}: {one}" for one in found)
        return None
    try:
        options = msgspec.convert(entry.options, kind.options)
    except msgspec.ValidationError as error:
        mistakes.append(f"{entry.name}: {error}")
        return None
    mistakes.extend(f"{entry.name}: {one}" for one in options.mistakes())
    return Configured(entry.name, kind, options, entry.weight, entry.international, entry.senders)


def _mistakes_of(entry: _Entry) -> list[str]:
    found = []
    if not _NAME.fullmatch(entry.name):
        found.append("name must be small letters, digits and hyphens, at most 40")
    if entry.kind not in KINDS:
        found.append(f"kind is {entry.kind!r} but must be one of {', '.join(sorted(KINDS))}")
    if not 0 <= entry.weight <= 1000:
        found.append(f"weight is {entry.weight} but must be from 0 to 1000")
    return found


class _MissingError(Exception):
    """A variable or a file that the providers file refers to is not there."""


def _filled(raw: Any, environ: Mapping[str, str]) -> Any:
    """Fill `${NAME}` from the environment and `${file:/path}` from a file, so that secrets stay out of the file."""
    if isinstance(raw, dict):
        return {key: _filled(value, environ) for key, value in raw.items()}
    if isinstance(raw, list):
        return [_filled(value, environ) for value in raw]
    if isinstance(raw, str):
        return _VARIABLE.sub(lambda match: _value(match, environ), raw)
    return raw


def _value(match: re.Match[str], environ: Mapping[str, str]) -> str:
    in_file, name = match.groups()
    if not in_file:
        if name not in environ:
            raise _MissingError(f"${{{name}}} is not set")
        return environ[name]
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _MissingError(f"${{file:{name}}} cannot be read: {error}") from error
