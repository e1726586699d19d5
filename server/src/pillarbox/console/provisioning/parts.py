"""What the parts of a provisioning file have in common."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Name = Annotated[str, Meta(min_length=1, max_length=255)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
Channel = Literal["sms", "email", "letter"]
Minutes = Annotated[int, Meta(ge=0, le=10 * 366 * 24 * 60)]


class Part(Struct, kw_only=True):
    """An object in the file, which knows where in the file it stands."""

    place: str = ""


def within(place: str, name: str | int) -> str:
    """Return the place of a value inside the one at `place`, by its name or its number in a list."""
    if isinstance(name, int):
        return f"{place}[{name}]"
    return f"{place}.{name}" if place else name
