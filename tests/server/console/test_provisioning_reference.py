"""The reference of provisioning files names everything that may stand in one."""

from pathlib import Path

import msgspec
import pytest

from pillarbox.console.provisioning import document, messages
from pillarbox.console.provisioning.parts import Part

REFERENCE = Path(__file__).parents[3] / "docs" / "reference" / "provisioning.md"

KINDS = [
    kind
    for module in (document, messages)
    for kind in vars(module).values()
    if isinstance(kind, type)
    and issubclass(kind, Part)
    and kind is not Part
    and kind.__module__ == module.__name__
]
# These describe the server around the data: they are read, do nothing, and are spoken of as a whole.
IGNORED = {name for name, field in document.Config.__annotations__.items() if field is object}


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_field_is_in_the_reference(kind):
    text = REFERENCE.read_text(encoding="utf-8")
    fields = {field.name for field in msgspec.structs.fields(kind)} - {"place"} - IGNORED
    assert fields
    assert {field for field in fields if f"`{field}`" not in text} == set()
