"""A connection that is bound, or soon will be again."""

import asyncio
import random
import ssl

import structlog

from pillarbox.providers.smpp.options import Smsc
from pillarbox.providers.smpp.pdu import Command, bind
from pillarbox.providers.smpp.refusals import name_of
from pillarbox.providers.smpp.session import NoAnswerError, NotSentError, Session, Take

log = structlog.get_logger()

CONNECTING = "not connected yet"
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0  # seconds between attempts


class NotBoundError(Exception):
    """The SMSC cannot be reached or does not let us in."""


class Link:
    """Keeps one connection bound.

    Attributes:
        session: the session, while it is bound.
        trouble: why it is not, at other times.
    """

    def __init__(self, name: str, smsc: Smsc, take: Take) -> None:
        self.session: Session | None = None
        self.trouble = CONNECTING
        self.tried = asyncio.Event()
        self._name = name
        self._smsc = smsc
        self._take = take

    async def run(self) -> None:
        """Bind, and bind again whenever the connection ends, at growing intervals."""
        wait = _FIRST_WAIT
        while True:
            try:
                await self._bound_once()
                wait = _FIRST_WAIT
            except NotBoundError as error:
                self.trouble = str(error)
            self.tried.set()
            log.warning("smpp not bound", provider=self._name, reason=self.trouble)
            await asyncio.sleep(wait * random.uniform(0.5, 1.0))  # noqa: S311 - not all links at the same moment
            wait = min(wait * 2, _LONGEST_WAIT)

    async def _bound_once(self) -> None:
        session = await self._connected()
        running = asyncio.create_task(session.run(self._smsc.enquire_link))
        try:
            await _bind(session, self._smsc)
            await self._use(session, running)
        finally:
            await session.cut()
            await asyncio.wait([running])

    async def _use(self, session: Session, running: asyncio.Task[str]) -> None:
        """Until it ends; whoever is told to stop says goodbye first."""
        self.session = session
        self.tried.set()
        log.info("smpp bound", provider=self._name)
        try:
            self.trouble = await asyncio.shield(running)
        finally:
            self.session = None
            await session.close()

    async def _connected(self) -> Session:
        smsc = self._smsc
        context = ssl.create_default_context() if smsc.tls else None
        try:
            async with asyncio.timeout(smsc.response_timeout):
                reader, writer = await asyncio.open_connection(smsc.host, smsc.port, ssl=context)
        except TimeoutError as error:
            raise NotBoundError(f"no connection within {smsc.response_timeout} seconds") from error
        except (OSError, UnicodeError) as error:
            raise NotBoundError(f"no connection: {error}") from error
        return Session(reader, writer, window=smsc.window, patience=smsc.response_timeout, take=self._take)


async def _bind(session: Session, smsc: Smsc) -> None:
    body = bind(smsc.system_id, smsc.password, smsc.system_type, smsc.address_range)
    try:
        answer = await session.ask(Command.BIND_TRANSCEIVER, body)
    except (NotSentError, NoAnswerError) as error:
        raise NotBoundError(f"the SMSC does not answer when we want to bind: {error}") from error
    if answer.status:
        raise NotBoundError(f"the SMSC does not let us bind: {name_of(answer.status)}")
