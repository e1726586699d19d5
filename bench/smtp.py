"""`make bench-smtp`: emails a second that the smtp provider alone hands to a relay on loopback, from one process.

The relay runs in a process of its own and forgets what it takes. The ceiling, in the same run, sends an email that
was made before over as many connections, as bytes that nobody looks at: what the network, the event loop and the
relay cost.
"""

import asyncio
import os
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from bench.counterparts import RELAY_PORT, counterparts
from bench.figures import figure
from pillarbox.content.emails import EmailTemplate
from pillarbox.content.emails_document import Branding, html_document
from pillarbox.content.placeholders import Personalisation
from pillarbox.providers.base import Accepted, EmailMessage
from pillarbox.providers.mime import build
from pillarbox.providers.smtp.options import Relay
from pillarbox.providers.smtp.provider import SmtpProvider
from pillarbox.store.ids import new_id

ROUNDS = 3
EMAILS = 3_000
TASKS = 100  # as many as a worker has under way
WORDS = Path(__file__).parent / "email_of_300_words.md"
SERVICE_ID = UUID("be7c0000-0000-4000-8000-000000000001")


def email() -> EmailMessage:
    """An email of 300 words."""
    template = EmailTemplate("Your appointment", WORDS.read_text())
    values = Personalisation(dict.fromkeys(template.placeholders, "Jo"))
    html = html_document(template.html(values), subject="s", preheader="p", branding=Branding(name="Bench"))
    return EmailMessage(
        notification_id=new_id()[0],
        service_id=SERVICE_ID,
        from_name="Bench Service",
        from_address="bench@notify.example.org",
        to="jo@example.com",
        subject="Your appointment",
        plain=template.plain(values),
        html=html,
    )


async def per_second(one: Callable[[], Awaitable[None]]) -> float:
    """So many tasks doing it until all emails are out."""
    left = iter(range(EMAILS))

    async def task() -> None:
        for _ in left:
            await one()

    started = time.perf_counter()
    await asyncio.gather(*(task() for _ in range(TASKS)))
    return EMAILS / (time.perf_counter() - started)


async def provider_s(message: EmailMessage) -> float:
    provider = SmtpProvider(Relay(host="127.0.0.1", port=RELAY_PORT, tls="none"))

    async def one() -> None:
        answer = await provider.submit(message)
        if not isinstance(answer, Accepted):
            raise SystemExit(f"the relay did not take an email: {answer}")

    try:
        return await per_second(one)
    finally:
        await provider.close()


async def ceiling(mime: bytes, connections: int) -> float:
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(connections):
        reader, writer = await asyncio.open_connection("127.0.0.1", RELAY_PORT)
        await reader.readline()
        free.put_nowait((reader, writer))

    async def one() -> None:
        reader, writer = await free.get()
        writer.write(b"MAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n")
        await reader.readuntil(b"354 Go on\r\n")
        writer.write(mime + b"\r\n.\r\n")
        await reader.readline()
        free.put_nowait((reader, writer))

    speed = await per_second(one)
    while not free.empty():
        free.get_nowait()[1].close()
    return speed


def main() -> None:
    message = email()
    mime = build(message)
    print(
        f"{os.cpu_count()} cores, shared by one process that sends and one that receives; {len(mime)} bytes an email"
    )
    best, found = [], []
    with counterparts():
        time.sleep(1)
        for number in range(ROUNDS):
            best.append(asyncio.run(ceiling(mime, Relay(host="").connections)))
            found.append(asyncio.run(provider_s(message)))
            print(f"round {number + 1}: ceiling {best[-1]:,.0f}/s, provider {found[-1]:,.0f}/s")
    figure("smtp_provider", statistics.median(found), "1/s", statistics.median(best))


if __name__ == "__main__":
    main()
