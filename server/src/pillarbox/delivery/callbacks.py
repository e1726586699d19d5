"""Calling services back at the URLs that they gave (public API contract, section 8).

Nobody may use us to reach what only we can reach: connections to private, loopback and link-local addresses are
refused at the moment they are made, after resolving and on redirects too, unless the operator allows them.
"""

import socket
from base64 import b64decode
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Any, Literal

import aiohttp
from aiohttp.typedefs import LooseHeaders

from pillarbox.store.sealing import Seal, SealBrokenError

TIMEOUT = aiohttp.ClientTimeout(total=5, ceil_threshold=60)  # else aiohttp rounds up to whole seconds
_MOST_READ = 1024
_NOT_PUBLIC = "is not a public address"
_ASSIGNED = IPv6Network("2000::/3")  # all that is public by IPv6 (RFC 4291, section 2.4)
_TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address stands at the end (RFC 6052)

Verdict = Literal["done", "again", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a service answered: its status, if it answered at all, and whether to call again."""

    verdict: Verdict
    status: int | None = None
    reason: str = ""


class ForbiddenAddressError(OSError):
    """The URL leads to an address that services may not have us call."""


class CallbackCaller:
    """Calls services back over connections that are kept open.

    Args:
        seal: opens the bearer tokens, which are stored sealed.
        private_addresses: whether services may have us call private and loopback addresses.
    """

    def __init__(self, seal: Seal, *, private_addresses: bool) -> None:
        self._seal = seal
        factory = None if private_addresses else public_socket
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=200, limit_per_host=20, socket_factory=factory),
            timeout=TIMEOUT,
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def call(self, callback: dict[str, Any]) -> Outcome:
        """POST a callback's body to its URL."""
        try:
            token = self._seal.open(b64decode(callback["token"]))
        except SealBrokenError as error:
            return Outcome("failed", reason=str(error))
        headers: LooseHeaders = {"Authorization": f"Bearer {token}"}
        try:
            async with self._session.post(callback["url"], json=callback["body"], headers=headers) as answer:
                await answer.content.read(_MOST_READ)
                return Outcome(_verdict(answer.status), answer.status, answer.reason or "")
        except aiohttp.ClientConnectorError as error:
            # Ours among them: with several addresses they come as one, of which only the words are left.
            if _NOT_PUBLIC in str(error.os_error):
                return Outcome("failed", reason=str(error.os_error))
            return Outcome("again", reason=str(error))
        except ValueError as error:  # what is no URL, no host name or cannot stand in a header will never be
            return Outcome("failed", reason=f"cannot be called: {error}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Outcome("again", reason=f"{type(error).__name__}: {error}")

    async def close(self) -> None:
        """Let go of all connections."""
        await self._session.close()


def public_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket for one connection, unless the address is nobody's business but ours.

    Raises:
        ForbiddenAddressError: if it is private, loopback, link-local or otherwise not public.
    """
    family, kind, protocol, _, where = address
    if not is_public(where[0]):
        raise ForbiddenAddressError(f"{where[0]} {_NOT_PUBLIC}")
    return socket.socket(family, kind, protocol)


def is_public(host: str | int) -> bool:
    """Whether an address may be called for services: IPv4 within IPv6 counts as what it stands for."""
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address in _TRANSLATED:
        address = IPv4Address(int(address) & 0xFFFFFFFF)
    elif isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address.sixtofour or address
    assigned = isinstance(address, IPv4Address) or address in _ASSIGNED
    return assigned and address.is_global and not address.is_multicast


def _verdict(status: int) -> Verdict:
    if status < 400:
        return "done"
    return "again" if status == 429 or status >= 500 else "failed"
