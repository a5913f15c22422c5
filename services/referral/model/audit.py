"""The audit log: who did what from where. Ids and codes only, appended and never changed. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar
from uuid import NAMESPACE_URL, uuid5

from contracts.code import Code
from services.chassis.aggregate import Aggregate


class Action(Code):
    """What was done."""

    RULES_CHANGED = "rules-changed"
    STAFF_ENTERED = "staff-entered"
    STAFF_CHANGED = "staff-changed"
    STAFF_OFF_BOARDED = "staff-off-boarded"
    STAFF_REINSTATED = "staff-reinstated"
    REGISTER_SWITCHED = "register-switched"
    ASKED_IN_CONFLICT = "asked-in-conflict"
    CASELOAD_HANDED_OVER = "caseload-handed-over"
    COVER_ENTERED = "cover-entered"
    COVER_ENDED = "cover-ended"
    BREAK_GLASS_SEARCHED = "break-glass-searched"
    BREAK_GLASS_TURNED_AWAY = "break-glass-turned-away"
    BREAK_GLASS_OPENED = "break-glass-opened"
    BREAK_GLASS_READ = "break-glass-read"
    BREAK_GLASS_REVIEWED = "break-glass-reviewed"
    BREAK_GLASS_LET_AGAIN = "break-glass-let-again"
    TOLD_WITHOUT_CONSENT = "told-without-consent"
    DISCLOSURE_LOOKED_AT = "disclosure-looked-at"
    SCAN_OPENED = "scan-opened"
    DISCLOSURE_REPORT_MADE = "disclosure-report-made"
    EXPORT_MADE = "export-made"
    HOLD_SET = "hold-set"
    HOLD_LIFTED = "hold-lifted"
    ERASURE_ORDERED = "erasure-ordered"
    ERASURE_COMPLETED = "erasure-completed"
    RETENTION_LISTED = "retention-listed"
    RETENTION_RUN = "retention-run"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and from where.

    Attributes:
        subject: the identity provider's id, or a service's name.
        roles: held at that moment, as `role:scope`.
        request: the trace id, by which logs and traces find it.
        address: the network that the request came from, never the machine.
        via: `portal` or `api`; empty outside of a request.
    """

    subject: str
    roles: tuple[str, ...] = ()
    request: str = ""
    address: str = ""
    via: str = ""


class AuditEntry(Aggregate):
    """One line of the log.

    Attributes:
        about: ids and codes by name, such as `family` or `version`; no names, no words.
    """

    COLLECTION: ClassVar[str] = "audit_log"

    at: datetime
    action: Action
    subject: str
    roles: tuple[str, ...]
    site: str | None
    about: dict[str, str]
    request: str
    address: str
    via: str = ""


def entry(
    actor: Actor,
    action: Action,
    now: datetime,
    *,
    id: str,
    site: str | None = None,
    about: Mapping[str, str | None] | None = None,
) -> AuditEntry:
    """Return a line; what is None in `about` is left out."""
    return AuditEntry(
        id=id,
        at=now,
        action=action,
        subject=actor.subject,
        roles=actor.roles,
        site=site,
        about={name: value for name, value in (about or {}).items() if value is not None},
        request=actor.request,
        address=actor.address,
        via=actor.via,
    )


def line_id(*parts: str) -> str:
    """Return the one id that something which can be done once has in the log."""
    return str(uuid5(NAMESPACE_URL, "https://enlace.org/audit/" + "/".join(parts)))
