"""What Twilio's error codes and statuses mean for a message (twilio.com/docs/api/errors)."""

from services.notify.model.message import Report, ReportKind
from services.notify.model.retry import Refusal

OPTED_OUT = 21610

DEAD = frozenset({21211, 21614, 30005, 30006})
"""No valid number, none that takes texts, an unknown handset, a landline."""

MISSED = 30003

_ACCOUNT = frozenset({20003})

KINDS: dict[int, ReportKind] = {
    # Refused at the request: nothing was sent.
    20003: ReportKind.NOT_NOW,  # our credentials: the operator's to mend, nobody's message is lost
    20429: ReportKind.NOT_NOW,  # too many requests
    20503: ReportKind.NOT_NOW,  # service unavailable
    21211: ReportKind.PERMANENT,  # no valid number
    21212: ReportKind.TECHNICAL,  # our own number is none
    21266: ReportKind.PERMANENT,  # to and from are the same
    21408: ReportKind.PERMANENT,  # no leave for that country
    21602: ReportKind.TECHNICAL,  # no words
    21606: ReportKind.TECHNICAL,  # our own number cannot text
    21610: ReportKind.PERMANENT,  # said stop to the carrier
    21611: ReportKind.NOT_NOW,  # our number's queue is full
    21612: ReportKind.PERMANENT,  # no route there
    21614: ReportKind.PERMANENT,  # cannot be texted
    21617: ReportKind.TECHNICAL,  # too long
    # Accepted, then not delivered.
    30001: ReportKind.TEMPORARY,  # queue overflow
    30002: ReportKind.TECHNICAL,  # account suspended
    30003: ReportKind.TEMPORARY,  # handset switched off or out of reach
    30004: ReportKind.PERMANENT,  # blocked
    30005: ReportKind.PERMANENT,  # unknown handset
    30006: ReportKind.PERMANENT,  # landline
    30007: ReportKind.PERMANENT,  # filtered by the carrier
    30008: ReportKind.TEMPORARY,  # unknown error
}

_TAKEN = frozenset({"accepted", "scheduled", "queued", "sending", "sent"})
_ARRIVED = frozenset({"delivered", "read"})


def of_code(code: int, default: ReportKind = ReportKind.TECHNICAL) -> Report:
    """Return the report for an error code."""
    return _failed(KINDS.get(code, default), None, code)


def of_status(status: str, sid: str | None, code: int | None) -> Report | None:
    """Return the report for a message's status; None for one that says nothing."""
    if status in _TAKEN:
        return Report(ReportKind.ACCEPTED, provider_id=sid)
    if status in _ARRIVED:
        return Report(ReportKind.DELIVERED, provider_id=sid)
    if status not in {"undelivered", "failed"}:
        return None
    kind = KINDS.get(code or 0, ReportKind.TEMPORARY)
    if kind is ReportKind.NOT_NOW:
        # It was accepted, so it is never tried again: what passes is a temporary failure now.
        kind = ReportKind.TEMPORARY
    return _failed(kind, sid, code or 0)


def _failed(kind: ReportKind, sid: str | None, code: int) -> Report:
    return Report(
        kind,
        provider_id=sid,
        code=str(code),
        opted_out=code == OPTED_OUT,
        dead=code in DEAD,
        missed=code == MISSED,
        refusal=Refusal.ACCOUNT if code in _ACCOUNT else Refusal.BUSY,
    )
