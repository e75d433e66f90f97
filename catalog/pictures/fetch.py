"""A file from an address that a merchant wrote, without ever reaching a network that is not public.

A name is resolved once, each of its addresses has to be public, and the connection goes to one of
those: an answer of the name server that changes in between changes nothing. Each step of a redirect is a new
address. Time and size are limited as a whole, so no host can hold a worker by dripping.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from threading import Event, Timer
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings

from catalog.pictures.files import MOST_BYTES

SECONDS = 20.0
"""For all steps of one fetch but the look-ups of names."""
STEP_SECONDS = 6.0
MOST_REDIRECTS = 4
MOST_PEERS = 3
PORTS = {"http": 80, "https": 443}
CHUNK = 64 * 1024
_NAT64 = IPv6Network("64:ff9b::/96")
"""Addresses that carry one of the old internet in their end."""
REDIRECTS = (301, 302, 303, 307, 308)


class NotPublic(Exception):
    """The address, or one that it leads to, is none of the public web."""


class NotFetched(Exception):
    """Nothing came. Carries the status of the answer, 0 when there was none."""

    def __init__(self, status: int = 0) -> None:
        super().__init__(status)
        self.status = status


class NoHost(NotFetched):
    """The host of the address has no machine, or none that anybody can connect to."""


class TooLarge(Exception):
    """The file has more bytes than Meta takes."""


@dataclass(frozen=True)
class _Place:
    """Where a request goes: `peers` are the addresses of machines that were looked at."""

    url: SplitResult
    host: str
    port: int
    peers: list[str]


def fetch(url: str) -> bytes:
    """Return what is at an address. Raises NotPublic, NotFetched, TooLarge. Takes half a minute at most."""
    end = time.monotonic() + SECONDS
    for step in range(MOST_REDIRECTS + 1):
        try:
            found = _take_step(url, end, may_go_on=step < MOST_REDIRECTS)
        except NoHost:
            if step:  # it is the host of a redirect that is not there
                raise NotFetched from None
            raise
        if isinstance(found, bytes):
            return found
        url = found
    raise NotFetched


def _take_step(url: str, end: float, *, may_go_on: bool) -> bytes | str:
    """Return what is at an address, or the address that it leads to."""
    with _answer(_find_place(url), end) as answer:
        there = answer.headers.get("Location") if answer.status in REDIRECTS and may_go_on else None
        if there is not None:
            return urljoin(url, there)
        if answer.status != 200:
            raise NotFetched(answer.status)
        return _read(answer)


def _find_place(url: str) -> _Place:
    """Resolve an address, and refuse it unless all machines behind its name are public."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS.get(parts.scheme, 0)
    except ValueError:
        raise NotFetched from None
    if parts.scheme not in PORTS or not host:
        raise NotFetched
    is_anywhere = settings.PICTURES_FROM_PRIVATE_ADDRESSES
    if parts.username is not None or (port not in PORTS.values() and not is_anywhere):
        raise NotPublic
    peers = _resolve(host, port)
    if not is_anywhere and not all(is_public(peer) for peer in peers):
        raise NotPublic
    return _Place(parts, host, port, peers[:MOST_PEERS])


def _resolve(host: str, port: int) -> list[str]:
    try:
        name = host.encode("idna").decode() if not host.isascii() else host
        found = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except (OSError, ValueError):
        raise NoHost from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(peer: str) -> bool:
    """Say whether an address of a machine is one of the public internet, also inside an IPv6 one."""
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    inner: list[IPv4Address | None] = []
    if isinstance(address, IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(IPv4Address(int(address) & 0xFFFFFFFF))
    return all(_is_global(one) for one in (address, *inner) if one is not None)


def _is_global(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address in _NAT64):
        return True  # what is inside counts
    if isinstance(address, IPv6Address) and address.is_site_local:
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


@contextmanager
def _answer(place: _Place, end: float) -> Iterator[http.client.HTTPResponse]:
    """Ask for a file, and have the whole of it end in time."""
    connection = http.client.HTTPConnection(place.host, place.port)
    is_over = Event()
    ending = None
    try:
        raw = _connect(place, end)
        ending = Timer(max(0, end - time.monotonic()), _end, [raw, is_over])
        ending.daemon = True
        ending.start()
        connection.sock = _secured(raw, place)
        target = f"{place.url.path or '/'}{'?' if place.url.query else ''}{place.url.query}"
        connection.request("GET", _encoded(target), headers=_headers(place))
        yield connection.getresponse()
        if is_over.is_set():  # what looks like the end of a file is ours
            raise NotFetched
    except (OSError, http.client.HTTPException, ValueError):
        raise NotFetched from None
    finally:
        if ending is not None:
            ending.cancel()
        connection.close()


def _connect(place: _Place, end: float) -> socket.socket:
    """Connect to the first machine that answers. Raises NoHost."""
    for peer in place.peers:
        seconds = min(STEP_SECONDS, end - time.monotonic())
        if seconds <= 0:
            raise NotFetched
        with suppress(OSError):
            raw = socket.create_connection((peer, place.port), timeout=seconds)
            raw.settimeout(STEP_SECONDS)
            return raw
    raise NoHost


def _end(raw: socket.socket, is_over: Event) -> None:
    is_over.set()
    with suppress(OSError):
        raw.shutdown(socket.SHUT_RDWR)


def _secured(raw: socket.socket, place: _Place) -> socket.socket:
    """Speak TLS where the address says so; the certificate has to be the name's."""
    if place.url.scheme != "https":
        return raw
    return ssl.create_default_context().wrap_socket(raw, server_hostname=place.host)


def _headers(place: _Place) -> dict[str, str]:
    return {
        "Host": _encoded(place.url.netloc) if place.url.netloc.isascii() else _ascii_host(place),
        "User-Agent": f"StormCom (looks at pictures before Meta does; {settings.APP_BASE_URL})",
        "Accept": "image/*",
        "Accept-Encoding": "identity",
    }


def _ascii_host(place: _Place) -> str:
    return f"{place.host.encode('idna').decode()}:{place.port}"


def _encoded(target: str) -> str:
    return "".join(letter if "!" <= letter <= "~" else _percent(letter) for letter in target)


def _percent(letter: str) -> str:
    return "".join(f"%{byte:02X}" for byte in letter.encode())


def _read(answer: http.client.HTTPResponse) -> bytes:
    """Read a body. One that says it is larger than allowed is not read at all."""
    if (answer.length or 0) > MOST_BYTES:
        raise TooLarge
    body = bytearray()
    while chunk := answer.read1(CHUNK):
        body += chunk
        if len(body) > MOST_BYTES:
            raise TooLarge
    if answer.length:  # it broke off
        raise NotFetched
    return bytes(body)
