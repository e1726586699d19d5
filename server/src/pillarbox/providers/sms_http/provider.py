"""A gateway as a provider: texts go out as its description says, and its answers become ours."""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from yarl import URL

from pillarbox.providers.base import Accepted, Answer, Busy, LookUpError, SmsMessage, Unknown
from pillarbox.providers.sms_http.answers import Check, Judge
from pillarbox.providers.sms_http.calls import SECONDS, Calls, NoAnswerError, NotSentError
from pillarbox.providers.sms_http.description import Description, LookUp, Probe
from pillarbox.providers.sms_http.finding import finder
from pillarbox.providers.sms_http.writing import Writer

_NOBODY = "00000000-0000-0000-0000-000000000000"


class HttpGateway:
    """A gateway that is spoken to as its description says.

    Args:
        name: what the operator calls it.
        description: how it is spoken to.
        values: the operator's values, and `receipts_url`.
        connections: how many may be open at once.
        seconds: how long a call may take.
    """

    def __init__(
        self,
        name: str,
        description: Description,
        values: Mapping[str, str],
        connections: int = 100,
        seconds: float = SECONDS,
    ) -> None:
        self.name = name
        self.recognises = description.recognises_reference
        self._limits = (connections, seconds)
        self._calls: Calls | None = None
        receipts = description.receipts
        self._writer = Writer(description.request, values, description.alphabet)
        self._judge = Judge(
            description.answers, receipts_name_it=bool(receipts and receipts.names == "theirs")
        )
        self._search = description.look_up and _Search(description.look_up, values)
        self._sign_of_life = description.probe and _SignOfLife(description.probe, values)
        self._address = self._writer.address

    @property
    def can_look_up(self) -> bool:
        """Whether the description says how to ask."""
        return self._search is not None

    async def open(self) -> None:
        """Make room for connections; each is made when it is needed."""
        self._calls = Calls(*self._limits)

    async def close(self) -> None:
        """Hang up."""
        if self._calls:
            await self._calls.close()

    async def submit(self, message: SmsMessage) -> Answer:
        """Hand a text over."""
        writer = self._writer
        try:
            said = await self._open.make(writer.method, writer.write(message))
        except NotSentError as error:
            return Busy(str(error))
        except NoAnswerError as error:
            return Unknown(str(error))
        return self._judge.judge(said)

    async def look_up(self, notification_id: UUID) -> Accepted | None:
        """Ask whether it has a message.

        Raises:
            LookUpError: if it did not say.
        """
        return await self._search.ask(self._open, str(notification_id)) if self._search else None

    async def probe(self) -> str | None:
        """Ask as the description says, or else see whether somebody listens there."""
        if self._sign_of_life:
            return await self._sign_of_life.ask(self._open)
        return await _connect(self._address)

    @property
    def _open(self) -> Calls:
        if self._calls is None:
            raise RuntimeError(f"{self.name} has not been opened")
        return self._calls


class _Search:
    """How a gateway is asked whether it has a message."""

    def __init__(self, described: LookUp, values: Mapping[str, str]) -> None:
        self._writer = Writer(described.request, values)
        self._found = Check.of(described.found)
        self._not_found = Check.of(described.not_found)
        self._reference = finder(described.reference)

    async def ask(self, calls: Calls, reference: str) -> Accepted | None:
        try:
            said = await calls.make(self._writer.method, self._writer.write_about(reference))
        except (NotSentError, NoAnswerError) as error:
            raise LookUpError(str(error)) from error
        if self._found.passes(said):
            return Accepted(reference=self._reference(said))
        if self._not_found.passes(said):
            return None
        raise LookUpError(f"answered {said.status}")


class _SignOfLife:
    """How a gateway is asked whether it is well."""

    def __init__(self, described: Probe, values: Mapping[str, str]) -> None:
        self._writer = Writer(described.request, values)
        self._well = Check.of(described.well)

    async def ask(self, calls: Calls) -> str | None:
        try:
            said = await calls.make(self._writer.method, self._writer.write_about(_NOBODY))
        except (NotSentError, NoAnswerError) as error:
            return str(error)
        return None if self._well.passes(said) else f"answered {said.status}"


async def _connect(url: URL) -> str | None:
    try:
        async with asyncio.timeout(SECONDS / 2):
            _, writer = await asyncio.open_connection(url.host, url.port)
    except (OSError, TimeoutError) as error:
        return f"no connection: {error}"
    writer.close()
    return None
