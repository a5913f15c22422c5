"""Child-protection reports: written down, called in, filed. No event tells of them."""

from collections.abc import Callable
from datetime import datetime

from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.protection import ProtectionReport


async def put_report(desk: Desk, report: ProtectionReport) -> ProtectionReport:
    """Enter a report, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: the id was used with another body.
    """
    ref = Ref(ProtectionReport, report.id)

    def enter(found: Found) -> Change[ProtectionReport]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, report.fingerprint)
            return Change(known)
        return Change(report.having(version=1), [report], site=report.site)

    return await desk.store.update([ref], enter)


async def move(
    desk: Desk, id: str, step: Callable[[ProtectionReport], ProtectionReport]
) -> ProtectionReport:
    """Take a report a step on; one whose effect already holds changes nothing.

    Raises:
        EnlaceError: there is none, or its state does not allow it.
    """
    ref = Ref(ProtectionReport, id)

    def run(found: Found) -> Change[ProtectionReport]:
        known = found.get(ref)
        if known is None:
            raise unknown("report")
        after = step(known)
        if after == known:
            return Change(known)
        return Change(after.having(version=known.version + 1), [after], site=known.site)

    return await desk.store.update([ref], run)


def tick(known: ProtectionReport, now: datetime) -> Change[None]:
    """Let a deadline pass, for the sweep."""
    return Change(None, [known.ticked(now)], site=known.site)
