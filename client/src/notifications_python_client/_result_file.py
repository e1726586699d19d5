"""The file that lets an interrupted bulk send go on where it stopped: a line of JSON for each message."""

from __future__ import annotations

import hashlib
import io
import json
import os
import threading
import uuid
from pathlib import Path
from typing import Any, Dict, Optional, Union

from notifications_python_client._core import encode

FIRST_LINE = '{"run": "'

ResultPath = Union[str, "os.PathLike[str]", None]


class ResultFile:
    """What became of each message of a run.

    The first line names the run; it is what the messages' idempotency keys are made from, so that a message
    whose answer was lost is recognised when the run goes on. A line has the message's fingerprint, not its
    recipient.

    Args:
        path: where it is; None keeps nothing beyond this process.

    Raises:
        ValueError: the file is something else.
    """

    def __init__(self, path: ResultPath) -> None:
        self.run = uuid.uuid4()
        self.lines: Dict[int, Dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._file: Optional[io.TextIOWrapper] = None
        if path is not None:
            self._open(Path(path))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def key(self, index: int, message: Any) -> str:
        """Give the idempotency key of a message at a place in the run."""
        if self._file is None:
            # No later run will send the message again, so that its fingerprint need not be taken.
            return f"{self.run}-{index}"
        return str(uuid.uuid5(self.run, f"{index} {fingerprint(message)}"))

    def earlier(self, index: int, message: Any) -> Optional[Dict[str, Any]]:
        """Look up what an earlier run wrote of a message; None if it is to be sent.

        A message that was refused may have been put right since; one that was accepted stays as it is.

        Raises:
            ValueError: the file belongs to other messages.
        """
        line = self.lines.get(index)
        if line is None or not line["final"]:
            return None
        if line["fingerprint"] == fingerprint(message):
            return line
        if line["id"] is not None:
            raise ValueError(f"Message {index} is not the one that the result file has at its place")
        return None

    def write(self, index: int, message: Any, line: Dict[str, Any]) -> None:
        """Add a line; it is with the operating system when this returns."""
        if self._file is None:
            return
        line = {"index": index, "fingerprint": fingerprint(message), **line}
        with self._lock:
            self.lines[index] = line
            self._add(line)

    def _open(self, path: Path) -> None:
        text = path.read_text(encoding="utf-8") if path.exists() else ""
        whole, _, torn = text.rpartition("\n")
        # Somebody's file of another kind is not to be cut short.
        if not whole and torn and not FIRST_LINE.startswith(torn[: len(FIRST_LINE)]):
            raise ValueError(f"{path} is not a result file")
        self._read(whole.splitlines(), path)
        self._file = path.open("a", encoding="utf-8")
        if torn:
            # A process that was killed may leave half a line; cut it off, or the next would join it.
            self._file.truncate(len((whole + "\n").encode()) if whole else 0)
        if not whole:
            self._add({"run": str(self.run)})

    def _read(self, lines: Any, path: Path) -> None:
        if not lines:
            return
        try:
            self.run = uuid.UUID(json.loads(lines[0])["run"])
            self.lines = {line["index"]: line for line in map(json.loads, lines[1:])}
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path} is not a result file") from error

    def _add(self, line: Dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(line) + "\n")
            self._file.flush()


def fingerprint(message: Any) -> str:
    """Tell messages apart without keeping what they say."""
    plain = json.loads(encode(message))
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()[:16]
