"""Errors of the domain: a stable slug, a kind, and words that say what to do next."""

from collections.abc import Mapping, Sequence
from enum import Enum


class Kind(Enum):
    """What sort of refusal it is; `services.chassis.http.problems` maps each to a status."""

    RULE = "rule"
    STALE = "stale"
    UNKNOWN = "unknown"
    FORBIDDEN = "forbidden"
    ANONYMOUS = "anonymous"
    MALFORMED = "malformed"
    TOO_LARGE = "too-large"
    TOO_MANY = "too-many"
    UNAVAILABLE = "unavailable"


THINGS_ES = {
    "API key": "clave de API",
    "HealthcareService": "servicio (HealthcareService)",
    "Organization": "organización (Organization)",
    "Task": "tarea (Task)",
    "agency": "agencia",
    "agreement": "convenio",
    "classification": "clasificación",
    "consent": "consentimiento",
    "consumer group": "grupo de lectores",
    "contact attempt": "intento de contacto",
    "contact of this student": "contacto de este estudiante",
    "contact": "contacto",
    "count of seats": "conteo de cupos",
    "cover": "suplencia",
    "deletion request": "solicitud de borrado",
    "delivery": "entrega",
    "difference": "diferencia",
    "erasure": "borrado",
    "event of this feed": "evento de esta lista",
    "family": "familia",
    "follow-up": "seguimiento",
    "hand-off": "entrega fuera de la red",
    "hold": "retención legal",
    "import": "importación",
    "location": "lugar",
    "meeting": "reunión",
    "member of staff": "integrante del personal",
    "message": "mensaje",
    "member of the care team": "integrante del equipo de apoyo",
    "merge": "unión de familias",
    "milestone": "hito",
    "note": "nota",
    "offer": "oferta",
    "offering": "oferta",
    "opening": "acceso de emergencia",
    "page": "página",
    "parked key": "clave detenida",
    "planned wave": "pregunta que estaba prevista",
    "read model": "modelo de lectura",
    "receipt": "recibo",
    "referral of this student": "derivación de este estudiante",
    "referral that this one follows": "derivación a la que sigue esta",
    "referral": "derivación",
    "report": "reporte",
    "request": "pedido",
    "roll-over": "cambio de año escolar",
    "scan": "copia escaneada",
    "school": "escuela",
    "service at this school": "servicio en esta escuela",
    "service": "servicio",
    "signed document": "documento firmado",
    "student": "estudiante",
    "task": "tarea",
    "template": "mensaje",
    "term": "término",
    "webhook endpoint": "destino de webhooks",
}
"""What can be unknown, in Spanish."""


class EnlaceError(Exception):
    """A refusal that a person can act on.

    Attributes:
        slug: stable, in kebab case; the last part of the problem's `type`.
        kind: what sort of refusal.
        detail: what happened, that nothing was lost, and the next step. Never personal data.
        es: the same in Spanish.
        retry_after: seconds after which the same may go through; None where that is not known.
        meanwhile: what others did last to what it is about, newest first; ids, codes and names of
            staff that the caller may see. Empty where that is not told.
    """

    def __init__(self, slug: str, kind: Kind, detail: str, *, es: str) -> None:
        super().__init__(f"{slug}: {detail}")
        self.slug = slug
        self.kind = kind
        self.detail = detail
        self.es = es
        self.retry_after: int | None = None
        self.meanwhile: Sequence[Mapping[str, str | None]] = ()


def rule(slug: str, detail: str, *, es: str) -> EnlaceError:
    """A rule of the domain says no (409)."""
    return EnlaceError(slug, Kind.RULE, detail, es=es)


def unknown(what: str) -> EnlaceError:
    """There is no such thing, or the caller may not know of it (404)."""
    return EnlaceError(
        "not-found",
        Kind.UNKNOWN,
        f"There is no such {what} here. Check the address.",
        es=f"No se encontró aquí: {THINGS_ES.get(what, what)}. Revise la dirección.",
    )


def forbidden(detail: str, *, es: str) -> EnlaceError:
    """The caller is known and may not do this (403)."""
    return EnlaceError("forbidden", Kind.FORBIDDEN, detail, es=es)


def stale(expected: int, found: int) -> EnlaceError:
    """Somebody else changed it meanwhile (412)."""
    return EnlaceError(
        "stale-version",
        Kind.STALE,
        f"You saw version {expected}, it is now {found}. Nothing was changed: read it again and "
        "repeat your change if it still applies.",
        es=f"Usted vio la versión {expected}, y ahora es la {found}. No se cambió nada: "
        "vuelva a leer y repita su cambio si todavía corresponde.",
    )


class TwoTonguesError(ValueError):
    """What a validator raises to say what is wrong in English and in Spanish."""

    def __init__(self, en: str, es: str) -> None:
        super().__init__(en)
        self.es = es
