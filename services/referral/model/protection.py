"""Child-protection reports: a record with a deadline, and no referral.

Nobody consents to one, no agency is offered it, no family is told of it, and no event says that it
exists. Two steps (in California: Penal Code 11166 (a)): the call to the hotline at once, the
written report within hours of it.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict

from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import EnlaceError, rule
from services.referral.model.rules import Rules


class Step(StrEnum):
    """What is to be done next."""

    CALL = "call-the-hotline"
    FILE = "file-the-written-report"
    NOTHING = "nothing"


LONGEST_BEFORE = timedelta(days=14)
"""How long before the report was written down somebody may have called: a holiday lies between."""


class Correction(BaseModel):
    """A time that was corrected: of which step, what stood there, and who corrected it."""

    model_config = ConfigDict(frozen=True)

    step: Step
    was: datetime
    by: str


class ProtectionReport(Aggregate):
    """One report on one child.

    Attributes:
        reporter: who saw or heard it: the duty to report is theirs alone.
        words: what was seen or heard, sealed under the child's key.
        called_at: when the hotline was called; None before.
        called_by: who entered the call.
        reference: what the hotline gave as its number, sealed.
        due_at: when the written report must be in; counted from the call.
        filed_at: when it was sent.
        filed_by: who entered that.
        overdue: the deadline has passed without it.
        corrections: times that were corrected since, oldest first.
    """

    COLLECTION: ClassVar[str] = "protection_reports"

    student: str
    site: str
    reporter: str
    words: Sealed
    fingerprint: str
    created_at: datetime
    called_at: datetime | None = None
    called_by: str | None = None
    reference: Sealed | None = None
    due_at: datetime | None = None
    filed_at: datetime | None = None
    filed_by: str | None = None
    overdue: bool = False
    corrections: tuple[Correction, ...] = ()
    next_due: datetime | None = None

    @property
    def step(self) -> Step:
        """What is to be done next."""
        if self.called_at is None:
            return Step.CALL
        return Step.FILE if self.filed_at is None else Step.NOTHING

    def called(
        self, at: datetime, reference: Sealed | None, now: datetime, rules: Rules, by: str
    ) -> Self:
        """Return the report after the call; a repeat with the same time changes nothing.

        Raises:
            EnlaceError: the time cannot be, or another one was entered.
        """
        if self.called_at is not None:
            if self.called_at == at:
                return self
            raise rule(
                "already-called",
                "The call to the hotline is entered already. Nothing was changed: correct its time "
                "if it is wrong (`correct`); enter what is new as another report.",
                es="La llamada a la línea de protección ya está registrada. No se cambió nada: si "
                "la hora está mal, corríjala (`correct`); registre lo nuevo como otro reporte.",
            )
        self._need_likely(at, now)
        due = at + timedelta(hours=rules.written_report_hours)
        return self.having(
            called_at=at, called_by=by, reference=reference, due_at=due, next_due=due
        )

    def call_corrected(
        self, at: datetime, reference: Sealed | None, now: datetime, rules: Rules, by: str
    ) -> Self:
        """Return the report with another time of the call, and its deadline counted from that.

        What stood there before is kept. Without a `reference` the one that is there stays.

        Raises:
            EnlaceError: the time cannot be.
        """
        if self.called_at is None:
            return self.called(at, reference, now, rules, by)
        kept = reference or self.reference
        if self.called_at == at:
            return self.having(reference=kept)
        self._need_likely(at, now)
        if self.filed_at is not None and self.filed_at < at:
            raise _filed_before(self.filed_at, at)
        due = at + timedelta(hours=rules.written_report_hours)
        filed = self.filed_at is not None
        return self.having(
            called_at=at,
            reference=kept,
            due_at=due,
            next_due=None if filed else due,
            overdue=self.overdue and due <= now,
            corrections=(*self.corrections, Correction(step=Step.CALL, was=self.called_at, by=by)),
        )

    def filed(self, at: datetime, now: datetime, by: str) -> Self:
        """Return the report after it was sent; a repeat changes nothing.

        Raises:
            EnlaceError: the hotline was not called before that, or the time is still to come.
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
        self._need_likely(at, now)
        if at < self.called_at:
            raise _filed_before(at, self.called_at)
        return self.having(filed_at=at, filed_by=by, next_due=None)

    def filing_corrected(self, at: datetime, now: datetime, by: str) -> Self:
        """Return the report with another time of the written report; what stood there is kept.

        Raises:
            EnlaceError: as `filed`.
        """
        if self.filed_at is None or self.filed_at == at:
            return self.filed(at, now, by)
        there = Correction(step=Step.FILE, was=self.filed_at, by=by)
        before = self.having(filed_at=None, corrections=(*self.corrections, there))
        return before.filed(at, now, self.filed_by or by)

    def _need_likely(self, at: datetime, now: datetime) -> None:
        """Let a time pass that can be: not to come, and not long before it was written down."""
        if at > now:
            raise rule(
                "time-to-come",
                "This time is still to come. Enter when it happened.",
                es="Esta hora todavía no llega. Registre cuándo ocurrió.",
            )
        if at < self.created_at - LONGEST_BEFORE:
            raise rule(
                "time-too-early",
                f"This time is more than {LONGEST_BEFORE.days} days before the report was written "
                "down. Nothing was entered: check the date.",
                es=f"Esta hora es más de {LONGEST_BEFORE.days} días anterior a cuando se escribió "
                "el reporte. No se registró nada: revise la fecha.",
            )

    def ticked(self, now: datetime) -> Self:
        """Return the report after its deadline has passed."""
        late = self.filed_at is None and self.due_at is not None and self.due_at <= now
        return self.having(overdue=late or self.overdue, next_due=None)


def _filed_before(filed: datetime, called: datetime) -> EnlaceError:
    times = f"{filed:%Y-%m-%d %H:%M %Z}", f"{called:%Y-%m-%d %H:%M %Z}"
    return rule(
        "filed-before-call",
        f"The written report follows the call: it cannot have been sent at {times[0]}, with the "
        f"call at {times[1]}. Nothing was entered: enter when the report was sent, or correct the "
        "time of the call (`correct`).",
        es=f"El reporte escrito sigue a la llamada: no se pudo enviar el {times[0]}, con la "
        f"llamada el {times[1]}. No se registró nada: registre cuándo se envió el reporte, o "
        "corrija la hora de la llamada (`correct`).",
    )
