"""Which addresses a webhook may go to: public ones over https, and nothing inside. Pure.

An endpoint is written by a stranger and called from within the district's network. Whatever it
names, nothing there may be reached through it (server-side request forgery).
"""

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

MOST_URL = 2_000

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.ip_network("64:ff9b:1::/48")
_COMPATIBLE = ipaddress.ip_network("::/96")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class RefusedAddressError(ValueError):
    """A webhook may not go there; the text says why, and `es` says it in Spanish."""

    def __init__(self, slug: str, why: str, es: str) -> None:
        super().__init__(why)
        self.slug = slug
        self.why = why
        self.es = es


@dataclass(frozen=True, slots=True)
class Target:
    """Where a webhook goes, taken apart once.

    Attributes:
        host: a name or an address, without brackets, in ASCII and lower case.
        path: with its query.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"


def read_url(url: str, *, local: bool) -> Target:
    """Take an endpoint's address apart.

    Args:
        url: as the agency gave it.
        local: take plain http too, which then goes to this machine only.

    Raises:
        RefusedAddressError: it is no address that a webhook may go to.
    """
    if len(url) > MOST_URL or not url.isascii() or any(each <= " " or each == "\\" for each in url):
        raise _malformed()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise _malformed() from None
    host = (parts.hostname or "").rstrip(".")
    if parts.scheme == "http" and not local:
        raise RefusedAddressError(
            "not-https",
            "A webhook goes over https only: give an address that begins with https://.",
            "Un webhook va solo por https: dé una dirección que empiece con https://.",
        )
    if parts.scheme not in {"https", "http"} or not host or parts.fragment:
        raise _malformed()
    if parts.username is not None or parts.password is not None:
        raise RefusedAddressError(
            "credentials-in-url",
            "The address holds a user name or a password. Leave them out: deliveries are signed.",
            "La dirección contiene un usuario o una contraseña. Quítelos: las entregas van "
            "firmadas.",
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    found = Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
    literal = _literal(host)
    if literal is not None:
        check(literal, found.scheme, local=local)
    return found


def check(address: Address, scheme: str, *, local: bool) -> None:
    """Pass only an address that a webhook may be sent to.

    https goes to public addresses, whichever way they are written. In local mode this machine may
    be sent to as well, and plain http goes there alone.

    Raises:
        RefusedAddressError: it is not.
    """
    real = _embedded(address)
    if local and real.is_loopback:
        return
    if local and scheme == "http":
        raise RefusedAddressError(
            "not-loopback",
            "Plain http goes to this machine only. Use https for any other.",
            "http sin cifrar va solo a esta misma máquina. Use https para cualquier otra.",
        )
    if scheme != "https" or not _public(real) or not _public(address):
        raise RefusedAddressError(
            "not-public",
            "The address does not lead to a public machine on the internet. Give one that does.",
            "La dirección no lleva a una máquina pública en internet. Dé una que sí.",
        )


def read_address(text: str) -> Address:
    """Return an address as the resolver gave it; its zone, which names an interface, included.

    Raises:
        ValueError: it is none.
    """
    return ipaddress.ip_address(text)


def _literal(host: str) -> Address | None:
    """Return the address that a host is written as, in any form that a resolver takes for one.

    Raises:
        RefusedAddressError: `0x7f.1`, `2130706433` and the like: no honest address is.
    """
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        if last.isdigit() or last.startswith("0x"):
            raise _malformed() from None
        return None


def _embedded(address: Address) -> Address:
    """Return the IPv4 address that an IPv6 one stands for, otherwise itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _NAT64 or (address in _COMPATIBLE and int(address) > 1):
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return _public(address.ipv4_mapped)
        if address.scope_id is not None or address.is_site_local or address in _NAT64_LOCAL:
            return False
        if address in _NAT64:
            return True  # the address within was looked at
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not address.is_unspecified
    )


def _malformed() -> RefusedAddressError:
    return RefusedAddressError(
        "malformed-url",
        "This is no address that a webhook can go to. Give one like "
        "https://agency.example.org/enlace, without spaces and without a part after #.",
        "Esta no es una dirección a la que pueda ir un webhook. Dé una como "
        "https://agencia.example.org/enlace, sin espacios y sin una parte después de #.",
    )
