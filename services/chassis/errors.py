"""Errors of the domain: a stable slug, a kind, and words that say what to do next."""

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


class EnlaceError(Exception):
    """A refusal that a person can act on.

    Attributes:
        slug: stable, in kebab case; the last part of the problem's `type`.
        kind: what sort of refusal.
        detail: what happened, that nothing was lost, and the next step. Never personal data.
        es: the same in Spanish, where it is written.
    """

    def __init__(self, slug: str, kind: Kind, detail: str, es: str | None = None) -> None:
        super().__init__(f"{slug}: {detail}")
        self.slug = slug
        self.kind = kind
        self.detail = detail
        self.es = es


def rule(slug: str, detail: str, es: str | None = None) -> EnlaceError:
    """A rule of the domain says no (409)."""
    return EnlaceError(slug, Kind.RULE, detail, es)


def unknown(what: str) -> EnlaceError:
    """There is no such thing, or the caller may not know of it (404)."""
    return EnlaceError(
        "not-found", Kind.UNKNOWN, f"There is no such {what} here. Check the address."
    )


def forbidden(detail: str) -> EnlaceError:
    """The caller is known and may not do this (403)."""
    return EnlaceError("forbidden", Kind.FORBIDDEN, detail)


def stale(expected: int, found: int) -> EnlaceError:
    """Somebody else changed it meanwhile (412)."""
    return EnlaceError(
        "stale-version",
        Kind.STALE,
        f"You saw version {expected}, it is now {found}. Nothing was changed: read it again and "
        "repeat your change if it still applies.",
    )
