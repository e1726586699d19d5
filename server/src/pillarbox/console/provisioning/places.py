"""Where in a file a value stands: from `services[2].api_keys[0].secret` to a line."""

import re
from functools import cached_property

import yaml

_STEP = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


class Places:
    """Finds lines in a file of YAML, or of JSON, which nearly always is YAML too."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, place: str) -> int:
        """Return the number of the line where this value (or the nearest thing around it) begins."""
        node = self._root
        for name, index in _STEP.findall(place):
            inner = _within(node, name, index)
            if inner is None:
                break
            node = inner
        return node.start_mark.line + 1 if node else 1

    @cached_property
    def _root(self) -> yaml.Node | None:
        """Only looked at when there is a mistake to report: it takes a while for a large file."""
        try:
            return yaml.compose(self._text, Loader=yaml.CSafeLoader)
        except yaml.YAMLError:
            return None


def _within(node: yaml.Node | None, name: str, index: str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode) and name:
        return next((value for key, value in node.value if key.value == name), None)
    if isinstance(node, yaml.SequenceNode) and index and int(index) < len(node.value):
        found: yaml.Node = node.value[int(index)]
        return found
    return None
