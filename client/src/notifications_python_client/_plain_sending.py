"""A bulk send over plain HTTP: one thread sends on many connections and waits for all their answers at once.

A thread for each connection would spend half its time on letting the others in.
"""

from __future__ import annotations

import heapq
import selectors
import time
from itertools import count, islice
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Tuple

from notifications_python_client._bulk_run import BulkRun, Task
from notifications_python_client._core import Answer, Outgoing
from notifications_python_client._plain_line import PlainLine
from notifications_python_client.base import BaseAPIClient, json_of
from notifications_python_client.errors import APIError, RequestTimeoutError, error_from
from notifications_python_client.retries import Tries


class _Sender(NamedTuple):
    """A connection and the message that it is about."""

    line: PlainLine
    task: Task
    outgoing: Outgoing
    tries: Tries


class PlainSending:
    """Sends the messages of a run; for clients that are plain.

    Args:
        client: whose messages they are.
        run: hands them out and hears what became of them.
        connections: how many requests are under way at a time.
    """

    def __init__(self, client: BaseAPIClient, run: BulkRun, connections: int) -> None:
        self._client = client
        self._run = run
        self._tasks = run.tasks()
        self._connections = connections
        self._selector = selectors.DefaultSelector()
        # Those that an answer is awaited from, and until when; who has waited longest comes first.
        self._asking: Dict[PlainLine, Tuple[float, _Sender]] = {}
        self._later: List[Tuple[float, int, _Sender]] = []
        self._order = count()
        self._error: Optional[BaseException] = None

    def work(self) -> None:
        """Send until there is nothing left; raise what the messages, or who is told of progress, raised first."""
        lines = [PlainLine(self._client, self._selector) for _ in range(self._connections)]
        try:
            for line in lines:
                self._carefully(self._next, line)
            while self._asking or self._later:
                self._wait()
        finally:
            for line in lines:
                line.close()
            self._selector.close()
        if self._error is not None:
            raise self._error

    def _carefully(self, step: Callable[..., None], *about: Any) -> None:
        """What is under way is seen to its end, whatever goes wrong with one message."""
        try:
            step(*about)
        except BaseException as error:  # noqa: BLE001 - raised at the end
            self._error = self._error or error
            self._run.stop()

    def _wait(self) -> None:
        """Wait until something is to be done, and do it."""
        moments = [due for due, *_ in self._later[:1]] + [until for until, _ in self._longest_asking()]
        patience = max(0.0, min(moments) - time.monotonic())
        ready: List[PlainLine] = []
        if not self._asking:
            time.sleep(patience)
        else:
            found = self._selector.select(patience if patience < float("inf") else None)
            ready = [key.data for key, _ in found]
        # Now, since taking the next message may take long, and answers that come meanwhile are not late.
        now = time.monotonic()
        self._give_up(now, ready)
        for line in ready:
            self._carefully(self._receive, line)
        while self._later and self._later[0][0] <= now:
            self._carefully(self._send, heapq.heappop(self._later)[-1])

    def _give_up(self, now: float, ready: List[PlainLine]) -> None:
        """Wait no longer for those whose time is over."""
        over = [one for until, one in self._asking.values() if until <= now and one.line not in ready]
        for sender in over:
            del self._asking[sender.line]
            sender.line.close()
            self._carefully(self._failed, sender, RequestTimeoutError())

    def _longest_asking(self) -> List[Tuple[float, _Sender]]:
        return [self._asking[line] for line in islice(self._asking, 1)]

    def _next(self, line: PlainLine) -> None:
        task = next(self._tasks, None)
        if task is None:
            return
        outgoing = self._client._outgoing(task.call.method, task.call.path, task.call.data, None, None)  # noqa: SLF001 - a part of it
        tries = Tries(outgoing, self._run.retries, is_send=True, pacer=self._run.pacer)
        self._try(_Sender(line, task, outgoing, tries))

    def _try(self, sender: _Sender) -> None:
        wait = sender.tries.wait()
        if wait or sender.tries.made > 1:
            heapq.heappush(self._later, (time.monotonic() + wait, next(self._order), sender))
        else:
            self._send(sender)

    def _send(self, sender: _Sender) -> None:
        try:
            sender.line.send(self._run.as_tried(sender.task, sender.outgoing, sender.tries))
        except APIError as error:
            self._failed(sender, error)
        else:
            self._asking[sender.line] = (time.monotonic() + sender.line.patience, sender)

    def _receive(self, line: PlainLine) -> None:
        _, sender = self._asking.pop(line, (0.0, None))
        if sender is None:
            line.close()  # the server has hung up
            return
        try:
            answer = line.receive()
            if answer is None:
                self._asking[line] = (time.monotonic() + line.patience, sender)
                return
            taken = json_of(self._checked(answer, sender))
        except APIError as error:
            self._failed(sender, error)
        else:
            self._run.accepted(sender.task, taken)
            self._next(line)

    def _checked(self, answer: Answer, sender: _Sender) -> Answer:
        if 300 <= answer.status_code < 400:
            # A redirection is followed by requests; the message was not taken.
            again = self._run.as_tried(sender.task, sender.outgoing, sender.tries)
            return self._client._ask(again)  # type: ignore[return-value] # noqa: SLF001 - read alike
        if answer.status_code >= 400:
            raise error_from(answer)
        return answer

    def _failed(self, sender: _Sender, error: APIError) -> None:
        try:
            sender.tries.failed(error)
        except APIError as final:
            self._run.failed(sender.task, final)
            self._next(sender.line)
        else:
            self._try(sender)
