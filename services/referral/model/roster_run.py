"""The record of a roster's import: how far it is, and what it came to. Without anybody's name."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule

SILENCE = timedelta(minutes=5)
"""An import that has said nothing for so long was killed: one slice takes a second."""

MANY_GONE = 10
"""Children who may be gone from a roster without anybody having looked at a preview."""


class RunState(StrEnum):
    """Where an import stands."""

    READING = "reading"
    WRITING = "writing"
    PREVIEWED = "previewed"
    DONE = "done"
    STOPPED = "stopped"


_AT_WORK = frozenset({RunState.READING, RunState.WRITING})


class RosterRun(Aggregate):
    """One import of a roster, or its preview.

    Attributes:
        sites: the schools.
        org: the one organization that was asked for; None for all.
        by: subject of who sent it.
        digest: of the file, to know it again.
        preview: nothing is written.
        touched_at: when it last said how far it is; the machine's time.
        children: how many there are to be taken; 0 while it is read.
        handled: how many have been.
        gone: how many children of earlier rosters it does not name.
        slug: why it stopped.
        detail: the same in words.
        detail_es: the same in Spanish.
        report: what it came to, as JSON.
    """

    COLLECTION: ClassVar[str] = "roster_runs"

    sites: tuple[str, ...]
    org: str | None
    by: str
    digest: str
    preview: bool
    started_at: datetime
    touched_at: datetime
    state: RunState = RunState.READING
    children: int = 0
    handled: int = 0
    gone: int = 0
    slug: str | None = None
    detail: str | None = None
    detail_es: str | None = None
    report: str | None = None

    def state_at(self, now: datetime) -> RunState:
        """Return where it stands: one that was killed says nothing of it."""
        killed = self.state in _AT_WORK and now - self.touched_at > SILENCE
        return RunState.STOPPED if killed else self.state

    def again(self, fresh: "RosterRun", now: datetime) -> "RosterRun":
        """Return it begun again with the same file, after a stop; what was done stays done.

        Raises:
            EnlaceError: the id is another import's, or this one is at work.
        """
        if (self.digest, self.sites, self.org, self.preview) != (
            *(fresh.digest, fresh.sites, fresh.org, fresh.preview),
        ):
            raise rule(
                "id-taken",
                "This id was already used for another roster. Nothing was changed: use a fresh id.",
                es="Este número ya se usó para otra lista. No se cambió nada: use uno nuevo.",
            )
        if self.state_at(now) in _AT_WORK:
            raise rule(
                "at-work",
                "This roster is being taken in just now. Nothing was changed: ask how far it is.",
                es="Esta lista se está cargando ahora. No se cambió nada: pregunte cuánto falta.",
            )
        return fresh.having(version=self.version)

    def check_gone(self, gone: int, stored: int, confirmed: "RosterRun | None") -> None:
        """Let a roster pass of which nobody need fear that it is another school's.

        Args:
            gone: how many children it does not name.
            stored: how many attend, of those whom rosters brought.
            confirmed: the preview that the caller has looked at.

        Raises:
            EnlaceError: so many are gone that somebody must have seen them first.
        """
        if gone <= max(MANY_GONE, stored // 10):
            return
        if confirmed is not None and confirmed.gone == gone and confirmed.digest == self.digest:
            return
        raise rule(
            "many-gone",
            f"{gone} of {stored} children are not in this roster, and would be marked as "
            "withdrawn. Nothing was changed. If it is the right file, make a preview of it, look "
            "at who is gone, and send it again with the preview's id.",
            es=f"{gone} de {stored} alumnos no están en esta lista y quedarían dados de baja. No "
            "se cambió nada. Si es el archivo correcto, haga una vista previa, mire quién falta, y "
            "envíelo otra vez con el número de la vista previa.",
        )
