"""How large a body may be, and what somebody does with a larger one. Pure."""

from dataclasses import dataclass

from services.chassis.errors import EnlaceError, Kind

_MEBI = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest body that an address takes.

    Attributes:
        most: bytes.
        instead: what to do with a larger one, after `Nothing was changed:`; and in Spanish.
    """

    most: int
    instead: str = "shorten it, or send it in parts"
    instead_es: str = "acórtelo, o envíelo por partes"

    @property
    def shown(self) -> str:
        """The limit as people write it."""
        whole = self.most // _MEBI
        return f"{whole} MiB" if whole else f"{self.most // 1024} KiB"


def too_large(largest: Largest) -> EnlaceError:
    """Return the refusal of a body that is larger."""
    return EnlaceError(
        "too-large",
        Kind.TOO_LARGE,
        f"This body is larger than {largest.shown}, or does not say its length. Nothing was "
        f"changed: {largest.instead}.",
        es=f"El contenido ocupa más de {largest.shown}, o no dice cuánto. No se cambió nada: "
        f"{largest.instead_es}.",
    )
