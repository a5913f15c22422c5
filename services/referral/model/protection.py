"""Child-protection reports: a record with a deadline, and no referral.

Nobody consents to one, no agency is offered it, no family is told of it, and no event says that it
exists. Two steps (in California: Penal Code 11166 (a)): the call to the hotline at once, the
written report within hours of it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.referral.model.rules import Rules


class Step(StrEnum):
    """What is to be done next."""

    CALL = "call-the-hotline"
    FILE = "file-the-written-report"
    NOTHING = "nothing"


class ProtectionReport(Aggregate):
    """One report on one child.

    Attributes:
        reporter: who saw or heard it: the duty to report is theirs alone.
        words: what was seen or heard, sealed under the child's key.
        called_at: when the hotline was called; None before.
        reference: what the hotline gave as its number, sealed.
        due_at: when the written report must be in; counted from the call.
        filed_at: when it was sent.
        overdue: the deadline has passed without it.
    """

    COLLECTION: ClassVar[str] = "protection_reports"

    student: str
    site: str
    reporter: str
    words: Sealed
    fingerprint: str
    created_at: datetime
    called_at: datetime | None = None
    reference: Sealed | None = None
    due_at: datetime | None = None
    filed_at: datetime | None = None
    overdue: bool = False
    next_due: datetime | None = None

    @property
    def step(self) -> Step:
        """What is to be done next."""
        if self.called_at is None:
            return Step.CALL
        return Step.FILE if self.filed_at is None else Step.NOTHING

    def called(self, at: datetime, reference: Sealed | None, now: datetime, rules: Rules) -> Self:
        """Return the report after the call; a repeat with the same time changes nothing.

        Raises:
            EnlaceError: the time is still to come, or another one was entered.
        """
        if self.called_at is not None:
            if self.called_at == at:
                return self
            raise rule(
                "already-called",
                "The call to the hotline is entered already. Enter what is new as another report.",
                es="La llamada a la línea de protección ya está registrada. Registre lo nuevo "
                "como otro reporte.",
            )
        _need_past(at, now)
        due = at + timedelta(hours=rules.written_report_hours)
        return self.having(called_at=at, reference=reference, due_at=due, next_due=due)

    def filed(self, at: datetime, now: datetime) -> Self:
        """Return the report after it was sent; a repeat changes nothing.

        Raises:
            EnlaceError: the hotline was not called, or the time is still to come.
        """
        if self.filed_at is not None:
            return self
        if self.called_at is None:
            raise rule(
                "call-first",
                "Call the hotline first and enter the time of the call; then the written report.",
                es="Llame primero a la línea de protección y registre la hora de la llamada; "
                "después, el reporte escrito.",
            )
        _need_past(at, now)
        return self.having(filed_at=at, next_due=None)

    def ticked(self, now: datetime) -> Self:
        """Return the report after its deadline has passed."""
        late = self.filed_at is None and self.due_at is not None and self.due_at <= now
        return self.having(overdue=late or self.overdue, next_due=None)


def _need_past(at: datetime, now: datetime) -> None:
    if at > now:
        raise rule(
            "time-to-come",
            "This time is still to come. Enter when it happened.",
            es="Esta hora todavía no llega. Registre cuándo ocurrió.",
        )
