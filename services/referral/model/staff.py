"""The district's staff: who they are, what they may be, where, from when until when. Pure."""

from datetime import date, datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.sealed import Sealed
from contracts.staff import StaffChanged, StaffGrant, StaffRole
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule

MAX_HISTORY = 500

OF_SCHOOLS = frozenset(
    {StaffRole.COORDINATOR, StaffRole.CARE_TEAM, StaffRole.LEADERSHIP, StaffRole.STAFF}
)
"""Roles that are held for a school; the others are for the whole district."""


class StaffRecord(BaseModel):
    """What `record` holds once opened. `employer`: None where it is the district."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str
    employer: str | None = None


class StaffVersion(BaseModel):
    """How an entry stood from one change to the next; names are not kept."""

    model_config = ConfigDict(frozen=True)

    version: int
    at: datetime
    by: str
    grants: tuple[StaffGrant, ...]
    conflicts: tuple[str, ...]
    ended: bool


class StaffMember(Aggregate):
    """One person's entry in the register.

    Attributes:
        subject: how the identity provider calls them; one entry a subject.
        record: a sealed `StaffRecord`, under the entry's own key.
        outside: another organisation employs them.
        conflict_of_interest: their employer or they themselves gain by referrals.
        conflicts: ids of the agencies that it is about.
        ended_at: when they were off-boarded.
        history: every version that was, the oldest first.
    """

    COLLECTION: ClassVar[str] = "staff"

    subject: str
    record: Sealed
    outside: bool
    conflict_of_interest: bool
    conflicts: tuple[str, ...]
    grants: tuple[StaffGrant, ...]
    changed_on: datetime
    changed_by: str
    fingerprint: str
    ended_at: datetime | None = None
    history: tuple[StaffVersion, ...] = ()

    def told(self) -> StaffChanged:
        """Return what the services are told."""
        return StaffChanged(
            entry=self.id,
            subject=self.subject,
            grants=self.grants,
            ended=self.ended_at is not None,
        )

    def changed(self, fresh: "StaffMember") -> "StaffMember":
        """Return the entry as it stands in `fresh`, with what was in its history.

        Raises:
            EnlaceError: another subject, off-boarded, or too many changes.
        """
        if fresh.subject != self.subject:
            raise rule(
                "other-subject",
                "An entry stays with the account it was made for. Nothing was changed: enter the "
                "other account under a fresh id, and off-board this one.",
                es="Una entrada se queda con la cuenta para la que se hizo. No se cambió nada: "
                "registre la otra cuenta con un identificador nuevo y dé de baja esta.",
            )
        if self.ended_at is not None:
            raise rule(
                "off-boarded",
                f"This person was off-boarded on {self.ended_at.date().isoformat()}. Nothing was "
                "changed: reinstate the entry first, then give it its roles.",
                es=f"Esta persona fue dada de baja el {self.ended_at.date().isoformat()}. No se "
                "cambió nada: restablezca primero la entrada y después dele sus funciones.",
            )
        return fresh.having(version=self.version, history=self._with_history())

    def off_boarded(self, now: datetime, by: str, last_day: date | None) -> "StaffMember":
        """Return the entry without access: at once, or after a last day.

        Raises:
            EnlaceError: too many changes.
        """
        if self.ended_at is not None:
            return self
        if last_day is None:
            changes: dict[str, object] = {"ended_at": now}
        else:
            changes = {"grants": tuple(_until(each, last_day) for each in self.grants)}
        after = self.having(changed_on=now, changed_by=by, fingerprint="", **changes)
        if (after.grants, after.ended_at) == (self.grants, self.ended_at):
            return self
        return after.having(history=self._with_history())

    def reinstated(self, now: datetime, by: str) -> "StaffMember":
        """Return an off-boarded entry open again, without any role.

        Raises:
            EnlaceError: too many changes.
        """
        if self.ended_at is None:
            return self
        return self.having(
            ended_at=None,
            grants=(),
            changed_on=now,
            changed_by=by,
            fingerprint="",
            history=self._with_history(),
        )

    def _with_history(self) -> tuple[StaffVersion, ...]:
        if len(self.history) >= MAX_HISTORY:
            raise rule(
                "history-full",
                f"This entry has changed {MAX_HISTORY} times. Nothing was changed: tell the "
                "operator.",
                es=f"Esta entrada ha cambiado {MAX_HISTORY} veces. No se cambió nada: avise a "
                "quien opera el sistema.",
            )
        now = StaffVersion(
            version=self.version,
            at=self.changed_on,
            by=self.changed_by,
            grants=self.grants,
            conflicts=self.conflicts,
            ended=self.ended_at is not None,
        )
        return (*self.history, now)


def check_grants(grants: tuple[StaffGrant, ...], *, outside: bool) -> None:
    """Let roles pass that can be given.

    Raises:
        EnlaceError: a role of a school without one, dates the wrong way round, or no last day for
            somebody whom another organisation employs.
    """
    for each in grants:
        if (each.role in OF_SCHOOLS) != bool(each.scope):
            raise rule(
                "role-and-school",
                "Coordinator, care-team, leadership and staff are held for a school (or * for "
                "all); admin, auditor and operator for the district, with an empty scope. Nothing "
                "was changed: mend the roles.",
                es="Coordinator, care-team, leadership y staff valen para una escuela (o * para "
                "todas); admin, auditor y operator para el distrito, con el ámbito vacío. No se "
                "cambió nada: corrija las funciones.",
            )
        if each.until is not None and each.until < each.since:
            raise rule(
                "ends-before-it-begins",
                "A role ends before it begins. Nothing was changed: mend its dates.",
                es="Una función termina antes de empezar. No se cambió nada: corrija sus fechas.",
            )
        if outside and each.until is None:
            raise rule(
                "needs-a-last-day",
                "Somebody whom another organisation employs has every role until a last day, such "
                "as the end of the contract. Nothing was changed: give each role its `until`.",
                es="Quien trabaja para otra organización tiene cada función hasta un último día, "
                "como el fin del contrato. No se cambió nada: dé a cada función su `until`.",
            )


def _until(grant: StaffGrant, last_day: date) -> StaffGrant:
    """Return a role cut short; one that would begin later never does."""
    until = last_day if grant.until is None else min(grant.until, last_day)
    return grant.model_copy(update={"until": max(until, grant.since - timedelta(days=1))})
