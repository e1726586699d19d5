"""An SMTP relay that misbehaves. It knows nothing again; it reports by DSN to where bounces are taken (RFC 3464)."""

import asyncio
import re
from typing import Any

import aiosmtplib

from tests.chaos.counterpart import Counterpart, garbage, main
from tests.chaos.receipts import Receipts
from tests.chaos.scene import TOKEN, Scene

_HELLO = "250-relay\r\n250-PIPELINING\r\n250-DSN\r\n250 HELP"
_FAULTS = ("later", "closing", "lost", "hang up", "stall", "garbage", "late")
_REPORTED = {
    "delivered": ("delivered", "2.0.0"),
    "permanent-failure": ("failed", "5.1.1"),
    "temporary-failure": ("failed", "4.4.1"),
}
_REPORT = """From: MAILER-DAEMON@relay.example
To: {to}
Subject: Report
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

What became of your email.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example

Final-Recipient: rfc822; {token}@example.com
Action: {action}
Status: {code}

--b--
"""


class Relay(Counterpart):
    """Takes emails."""

    name = "relay"

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self._receipts = Receipts(self.book, self.weather, self._tell, intermediate=False)

    def begin(self) -> None:
        self._receipts.resume()

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, who: str) -> None:
        greeting = self.weather.fault("421 4.3.2 not now", "hang up", "", "")
        if greeting == "hang up":
            return
        writer.write(f"{greeting or '220 relay'}\r\n".encode())
        sender = recipient = ""
        while line := (await reader.readline()).decode():
            word = line[:4].upper()
            if word == "MAIL":
                sender = _in_brackets(line)
            elif word == "RCPT":
                recipient = _in_brackets(line)
            if word == "DATA":
                if not await self._data(sender, recipient, reader, writer, who):
                    return
            else:
                writer.write(f"{_HELLO if word == 'EHLO' else '250 OK'}\r\n".encode())
            if word == "QUIT":
                return

    async def _data(
        self,
        sender: str,
        recipient: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        who: str,
    ) -> bool:
        writer.write(b"354 Go on\r\n")
        await reader.readuntil(b"\r\n.\r\n")
        found = re.match(TOKEN, recipient)
        assert found is not None, recipient
        fault = self.weather.fault(*_FAULTS)
        if fault in ("later", "closing", "lost"):
            self.book.write("refused", token=found[0], fault=fault)
            said = {"later": "451 4.3.0 later", "closing": "421 4.3.2 closing"}.get(fault)
            writer.write(f"{said}\r\n".encode() if said else b"")
            return fault == "later"
        self.book.write("took", token=found[0], fault=fault, who=who)
        if self._receipts.plan(found[0], to=sender):
            await asyncio.sleep(0.3)
        return await self._end(writer, fault)

    async def _end(self, writer: asyncio.StreamWriter, fault: str | None) -> bool:
        """How an email that was taken is answered; whether the conversation goes on."""
        if fault == "stall":
            await asyncio.sleep(35)
        if fault == "late":
            await asyncio.sleep(self.weather.seconds(0.5, 4))
        if fault in ("hang up", "stall"):
            return False
        writer.write(garbage() if fault == "garbage" else b"250 2.0.0 Taken\r\n")
        return True

    async def _tell(self, receipt: dict[str, Any]) -> bool:
        action, code = _REPORTED[receipt["status"]]
        report = _REPORT.format(to=receipt["to"], token=receipt["token"], action=action, code=code)
        try:
            await aiosmtplib.send(
                report.replace("\n", "\r\n"),
                sender="mailer-daemon@relay.example",
                recipients=[receipt["to"]],
                hostname="127.0.0.1",
                port=self.scene.ports["bounces"],
                start_tls=False,
                timeout=8,
            )
        except (aiosmtplib.SMTPException, OSError):
            return False
        return True


def _in_brackets(line: str) -> str:
    found = re.search(r"<([^>]*)>", line)
    return found[1] if found else ""


if __name__ == "__main__":
    main(Relay)
