"""One connection to an SMSC: questions and their answers, signs of life, and what the SMSC brings (SMPP 3.4, 2)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from pillarbox.providers.smpp.pdu import (
    HEADER_OCTETS,
    RESPONSE,
    Command,
    FramingError,
    Pdu,
    body_length,
    next_sequence,
    unpacked,
)
from pillarbox.providers.smpp.refusals import INVALID_COMMAND, TEMPORARY_APP_ERROR

Take = Callable[[Pdu], Awaitable[None]]

_MOST_UNANSWERED = 100  # deliveries that are being kept at once; the SMSC waits then
_SILENT = frozenset({Command.ALERT_NOTIFICATION, Command.OUTBIND})


class NotSentError(Exception):
    """The question was never asked."""


class NoAnswerError(Exception):
    """The question was asked; nobody knows what became of it."""


class Session:
    """One connection; `run` reads from it until it ends.

    Args:
        reader: what the SMSC says.
        writer: what is said to it.
        window: how many texts may be without an answer at once.
        patience: for how many seconds an answer is waited for.
        take: keeps a deliver_sm. It is answered once this has returned, with success unless this raised.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        window: int,
        patience: float,
        take: Take,
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._window = asyncio.Semaphore(window)
        self._patience = patience
        self._take = take
        self._places = asyncio.Semaphore(_MOST_UNANSWERED)
        self._deliveries: set[asyncio.Task[None]] = set()
        self._answers: dict[int, asyncio.Future[Pdu]] = {}
        self._sequence = 0
        self._ended = False

    @property
    def unanswered(self) -> int:
        """How many questions are open."""
        return len(self._answers)

    async def submit(self, body: bytes) -> Pdu:
        """Hand a text over as soon as the window has room, and return the answer.

        Raises:
            NotSentError: if it did not go out.
            NoAnswerError: if it may have.
        """
        try:
            async with asyncio.timeout(self._patience):
                await self._window.acquire()
        except TimeoutError as error:
            raise NotSentError("the SMSC answers too slowly: its window stays full") from error
        try:
            return await self.ask(Command.SUBMIT_SM, body)
        finally:
            self._window.release()

    async def ask(self, command: Command, body: bytes = b"") -> Pdu:
        """Ask something and return the answer.

        Raises:
            NotSentError: if the connection had ended before.
            NoAnswerError: if it broke, or if there was no answer in time.
        """
        if self._ended:
            raise NotSentError("the connection has ended")
        self._sequence = sequence = next_sequence(self._sequence)
        self._answers[sequence] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(self._patience):
                await self._send(Pdu(command, body, sequence=sequence))
                answer = await self._answers[sequence]
        except TimeoutError as error:
            raise NoAnswerError(f"no answer within {self._patience:g} seconds") from error
        except OSError as error:
            raise NoAnswerError(f"the connection broke: {error}") from error
        finally:
            del self._answers[sequence]
        if answer.command not in (command | RESPONSE, Command.GENERIC_NACK):
            raise NoAnswerError(f"the answer was to something else: command {answer.command:#010x}")
        return answer

    async def run(self, enquire_every: float) -> str:
        """Read until the connection ends, asking for a sign of life now and then; return why it ended."""
        enquiring = asyncio.create_task(self._enquire(enquire_every))
        try:
            await self._read_all()
        except asyncio.IncompleteReadError:
            return "the connection was closed"
        except (OSError, FramingError) as error:
            return str(error) or type(error).__name__
        else:
            return "the SMSC ended the session"
        finally:
            enquiring.cancel()
            self._end()

    async def close(self) -> None:
        """Say goodbye and end the connection."""
        with suppress(NotSentError, NoAnswerError):
            await self.ask(Command.UNBIND)
        await self.cut()

    async def cut(self) -> None:
        """End the connection without a word, once what the SMSC has brought is kept."""
        if self._deliveries:
            await asyncio.wait(self._deliveries)
        self._end()

    def _end(self) -> None:
        self._ended = True
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ConnectionError("it ended before the answer"))
        self._writer.close()

    async def _send(self, pdu: Pdu) -> None:
        self._writer.write(pdu.packed())
        await self._writer.drain()

    async def _enquire(self, every: float) -> None:
        """A connection on which nobody answers is cut, which ends `run`."""
        while True:
            await asyncio.sleep(every)
            try:
                await self.ask(Command.ENQUIRE_LINK)
            except (NotSentError, NoAnswerError):
                self._writer.transport.abort()

    async def _read_all(self) -> None:
        """Until the SMSC says goodbye."""
        while True:
            pdu = await self._next()
            if pdu.command & RESPONSE:
                self._answered(pdu)
            elif pdu.command == Command.DELIVER_SM:
                await self._begin_to_take(pdu)
            elif pdu.command == Command.UNBIND:
                await self._answer(pdu)
                return
            elif pdu.command == Command.ENQUIRE_LINK:
                await self._answer(pdu)
            elif pdu.command not in _SILENT:
                await self._send(Pdu(Command.GENERIC_NACK, b"", INVALID_COMMAND, pdu.sequence))

    async def _next(self) -> Pdu:
        header = await self._reader.readexactly(HEADER_OCTETS)
        return unpacked(header, await self._reader.readexactly(body_length(header)))

    def _answered(self, pdu: Pdu) -> None:
        """Nobody waits any more for what comes too late."""
        answer = self._answers.get(pdu.sequence)
        if answer and not answer.done():
            answer.set_result(pdu)

    async def _answer(self, pdu: Pdu, body: bytes = b"", status: int = 0) -> None:
        with suppress(OSError):
            await self._send(Pdu(pdu.command | RESPONSE, body, status, pdu.sequence))

    async def _begin_to_take(self, pdu: Pdu) -> None:
        """Several at once, so that they share commits."""
        await self._places.acquire()
        task = asyncio.create_task(self._take_and_answer(pdu))
        self._deliveries.add(task)
        task.add_done_callback(self._taken)

    def _taken(self, task: asyncio.Task[None]) -> None:
        self._deliveries.discard(task)
        self._places.release()

    async def _take_and_answer(self, pdu: Pdu) -> None:
        """What could not be kept is to be brought again."""
        status = 0
        try:
            await self._take(pdu)
        except Exception:  # noqa: BLE001 - whatever it is: the SMSC must not forget it
            status = TEMPORARY_APP_ERROR
        if not self._ended:
            await self._answer(pdu, b"\0", status)  # message_id is empty (SMPP 3.4, 4.6.2)
