"""Which addresses services may have us call: none that only we can reach."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

import aiohttp

NOT_PUBLIC = "is not a public address"
_ASSIGNED = IPv6Network("2000::/3")  # all that is public by IPv6 (RFC 4291, section 2.4)
_TRANSLATED = IPv6Network("64:ff9b::/96")  # an IPv4 address stands at the end (RFC 6052)


class ForbiddenAddressError(OSError):
    """The URL leads to an address that services may not have us call."""


def public_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Make the socket for one connection, unless the address is nobody's business but ours.

    Raises:
        ForbiddenAddressError: if it is private, loopback, link-local or otherwise not public.
    """
    family, kind, protocol, _, where = address
    if not is_public(where[0]):
        raise ForbiddenAddressError(f"{where[0]} {NOT_PUBLIC}")
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
