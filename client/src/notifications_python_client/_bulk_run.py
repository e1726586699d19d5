"""One run of a bulk send, apart from the sending: which message is next, what became of each."""

from __future__ import annotations

import sys
import threading
import time
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sized, Union

from notifications_python_client import _calls
from notifications_python_client._calls import Call
from notifications_python_client._core import Outgoing
from notifications_python_client._pacing import Pacer
from notifications_python_client._progress_bar import ProgressBar
from notifications_python_client._result_file import ResultFile
from notifications_python_client.bulk import (
    Messages,
    Outcome,
    Progress,
    SendingStoppedError,
    channel_of,
    fields_of,
)
from notifications_python_client.errors import APIError, AuthError, DailyLimitError, HTTP503Error
from notifications_python_client.retries import Retries, Tries

ShowProgress = Union[Callable[[Progress], Any], bool, None]

_MAKERS: Dict[str, Callable[..., Call[Any]]] = {
    "sms": _calls.send_sms,
    "email": _calls.send_email,
    "letter": _calls.send_letter,
}

# What was refused is safe to send again whatever the server; what got no answer is the client's choice.
CAREFUL = Retries(attempts=10, resend_unanswered=False)

# What the result file keeps of an outcome.
_KEPT = ("id", "status_code", "errors", "final")


class Task(NamedTuple):
    """A message to send now, and its place among the messages."""

    place: int
    message: Mapping[str, Any]
    call: Call[Any]


class BulkRun:
    """Hands out messages to any number of workers and gathers their outcomes; used by both clients.

    Args:
        messages: what to send.
        retries: the client's policy, if it has one.
        rate_limit: requests a minute that the service may make; None if not known.
        results: path of the result file.
        progress: called with a `Progress` after each message; True draws a bar if this is a terminal.
        concurrency: how many workers there will be.
    """

    def __init__(
        self,
        messages: Messages,
        retries: Optional[Retries],
        rate_limit: Optional[float],
        results: Any,
        progress: ShowProgress,
        concurrency: int = 1,
    ) -> None:
        if concurrency < 1:
            raise ValueError("concurrency must be at least 1")
        self.total = len(messages) if isinstance(messages, Sized) else None
        self.retries = retries or CAREFUL
        self._comes_back = retries is not None or results is not None
        self.pacer = Pacer(rate_limit)
        self.file = ResultFile(results)
        self.reason: Optional[APIError] = None
        self.outcomes: Dict[int, Outcome] = {}
        self._accepted = 0
        self._messages = enumerate(messages)
        self._lock = threading.Lock()
        self._stopped = False
        self._started = time.monotonic()
        self._show = ProgressBar(sys.stderr) if progress is True else progress or None

    def stop(self) -> None:
        """Hand out no more messages."""
        self._stopped = True

    def tasks(self) -> Iterator[Task]:
        """Give the messages that are still to be sent; several workers may take from it at once."""
        while True:
            try:
                task = self._next()
            except BaseException:
                # The other workers need not go on when the messages themselves cannot be read.
                self.stop()
                raise
            if task is None:
                return
            yield task

    def as_tried(self, task: Task, outgoing: Outgoing, tries: Tries) -> Outgoing:
        """Give a message as it is to be sent now: with its key, but for a first try that nothing could come back to.

        A key costs the server about a tenth of a send. What it refuses has been taken by nobody, so that the key may
        come with the repetition; but whoever sends again what got no answer, now or in a later run, needs it at once.
        """
        if not self._comes_back and tries.made <= 1:
            return outgoing
        return outgoing._replace(key=self.file.key(task.place, task.message))

    def accepted(self, task: Task, answer: Mapping[str, Any]) -> None:
        """Note that the server took a message."""
        self._finish(task, Outcome(task.place, answer["id"], status_code=201, errors=[], final=True))

    def failed(self, task: Task, error: APIError) -> None:
        """Note that a message was refused; end the run if the others would fare no better."""
        if isinstance(error, (AuthError, DailyLimitError, HTTP503Error)):
            self.reason = self.reason or error
            self.stop()
        final = 400 <= error.status_code < 500 and not error.is_retryable and self.reason is not error
        self._finish(task, Outcome(task.place, None, error.status_code, error.errors, final))

    def close(self) -> List[Outcome]:
        """End the run.

        Returns:
            The outcomes in the messages' order.

        Raises:
            SendingStoppedError: it ended early.
        """
        self.file.close()
        if isinstance(self._show, ProgressBar):
            self._show.close()
        ordered = [self.outcomes[index] for index in sorted(self.outcomes)]
        if self.reason is not None:
            raise SendingStoppedError(self.reason, ordered) from self.reason
        return ordered

    def abandon(self) -> None:
        """Leave the run where it is; the result file stays good."""
        self.file.close()

    def _next(self) -> Optional[Task]:
        # One worker at a time: a generator of messages cannot be entered twice.
        with self._lock:
            while not self._stopped:
                index, message = next(self._messages, (-1, {}))
                if index < 0:
                    return None
                task = self._task(index, message)
                if task is not None:
                    return task
        return None

    def _task(self, index: int, message: Mapping[str, Any]) -> Optional[Task]:
        earlier = self.file.earlier(index, message)
        if earlier is not None:
            self._note(_outcome_from(earlier))
            return None
        try:
            channel = channel_of(message)
            call = _MAKERS[channel](**fields_of(message, channel))
        except ValueError as error:
            self._note(_malformed(index, error))
            return None
        return Task(index, message, call)

    def _finish(self, task: Task, outcome: Outcome) -> None:
        self.file.write(task.place, task.message, {name: getattr(outcome, name) for name in _KEPT})
        with self._lock:
            self._note(outcome)

    def _note(self, outcome: Outcome) -> None:
        self.outcomes[outcome.index] = outcome
        self._accepted += outcome.accepted
        if self._show:
            done = len(self.outcomes)
            seconds = time.monotonic() - self._started
            self._show(Progress(done, self._accepted, done - self._accepted, self.total, seconds))


def _malformed(index: int, error: ValueError) -> Outcome:
    errors = [{"error": "ValidationError", "message": str(error)}]
    return Outcome(index, None, 400, errors, final=False)


def _outcome_from(line: Mapping[str, Any]) -> Outcome:
    return Outcome(index=line["index"], **{name: line[name] for name in _KEPT}, earlier=True)
