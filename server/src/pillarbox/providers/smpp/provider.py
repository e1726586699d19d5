"""Handing texts to an SMSC, and keeping what it brings before it is answered."""

import asyncio

from pillarbox.messages.posts import Post, PostKind
from pillarbox.providers.base import Accepted, Answer, Busy, PlainProvider, Rejected, SmsMessage, Unknown
from pillarbox.providers.kinds import KeepPost, Kind, Surroundings
from pillarbox.providers.smpp.deliveries import UnreadableDeliveryError, kept_form, read_delivery
from pillarbox.providers.smpp.intake import CONTENT_TYPE, SmppIntake
from pillarbox.providers.smpp.link import CONNECTING, Link
from pillarbox.providers.smpp.options import Smsc, destination
from pillarbox.providers.smpp.parts import Part, parts_of
from pillarbox.providers.smpp.pdu import Command, Pdu, submit_sm
from pillarbox.providers.smpp.receipts import canonical
from pillarbox.providers.smpp.refusals import refusal
from pillarbox.providers.smpp.session import NoAnswerError, NotSentError, Session


class SmppProvider(PlainProvider):
    """An SMSC and the connections to it."""

    def __init__(self, name: str, smsc: Smsc, keep_post: KeepPost) -> None:
        self.name = name
        self._smsc = smsc
        self._keep_post = keep_post
        self._links = [Link(name, smsc, self._keep) for _ in range(smsc.connections)]
        self._running: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        """Start to connect."""
        self._running = [asyncio.create_task(link.run()) for link in self._links]

    async def close(self) -> None:
        """Say goodbye on all connections."""
        for task in self._running:
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)

    async def submit(self, message: SmsMessage) -> Answer:
        """Hand a text over, part by part; the answer to the last part is that to the text."""
        try:
            bodies = self._bodies(message)
        except ValueError as error:
            return Rejected(f"the sender or the text does not fit: {error}")
        session = await self._session()
        if session is None:
            return Busy(f"not bound: {self._trouble()}")
        answer: Answer = Busy("nothing to send")
        for body in bodies:
            answer = await self._submit_one(session, body)
            if not isinstance(answer, Accepted):
                break
        return answer

    async def probe(self) -> str | None:
        """Ask for a sign of life on each connection."""
        if not self._running:
            return "not started"
        await asyncio.gather(*(link.tried.wait() for link in self._links))
        troubles = await asyncio.gather(*map(_trouble_of, self._links))
        return next(filter(None, troubles), None)

    async def _submit_one(self, session: Session, body: bytes) -> Answer:
        try:
            answer = await session.submit(body)
        except NotSentError as error:
            return Busy(str(error))
        except NoAnswerError as error:
            return Unknown(str(error))
        if answer.status:
            return refusal(answer.status, self._smsc.busy_statuses)
        reference = _message_id(answer)
        return Accepted(
            canonical(reference, self._smsc.answer_ids) if reference else None,
            receipts_name_it=bool(reference) and self._smsc.receipts,
        )

    def _bodies(self, message: SmsMessage) -> list[bytes]:
        """Only the last part asks for a receipt: it goes out once all others were taken."""
        parts = parts_of(message.content, message.notification_id.int, self._smsc.long_messages)
        return [self._body(message, part, last=part is parts[-1]) for part in parts]

    def _body(self, message: SmsMessage, part: Part, *, last: bool) -> bytes:
        smsc = self._smsc
        return submit_sm(
            smsc.source(message.sender),
            destination(message.to),
            part.octets,
            data_coding=part.data_coding,
            esm_class=part.esm_class,
            parameters=part.parameters,
            validity_period=smsc.validity_period,
            receipt=last and smsc.receipts,
            service_type=smsc.service_type,
        )

    async def _session(self) -> Session | None:
        """The one that has least to do. Just after the start the first attempt to bind is waited for."""
        if self._running:
            await self._links[0].tried.wait()
        bound = [link.session for link in self._links if link.session]
        return min(bound, key=lambda session: session.unanswered, default=None)

    def _trouble(self) -> str:
        return next((link.trouble for link in self._links if link.trouble != CONNECTING), CONNECTING)

    async def _keep(self, pdu: Pdu) -> None:
        """What cannot be read is kept too, for people to look at: the SMSC would bring it for ever."""
        await self._keep_post(Post(self.name, _kind(pdu), kept_form(pdu), CONTENT_TYPE))


async def _trouble_of(link: Link) -> str | None:
    if link.session is None:
        return link.trouble
    try:
        await link.session.ask(Command.ENQUIRE_LINK)
    except (NotSentError, NoAnswerError) as error:
        return str(error)
    return None


def _kind(pdu: Pdu) -> PostKind:
    try:
        return "received_text" if read_delivery(pdu.body).is_text else "receipt"
    except UnreadableDeliveryError:
        return "receipt"


def _message_id(answer: Pdu) -> str:
    return answer.body.split(b"\0")[0].decode("latin-1").strip()


def _make(name: str, smsc: Smsc, surroundings: Surroundings) -> SmppProvider:
    return SmppProvider(name, smsc, surroundings.keep_post)


SMPP = Kind("smpp", frozenset({"sms"}), Smsc, _make, SmppIntake)
