"""Child-study meetings: who took part, what was decided, and who does what by when. Pure."""

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule, unknown
from services.referral.model.care import TeamRole

LATE_FROM = time(7, 0)
"""A task is overdue from this hour, local, on the day after its date: before the school opens."""

MAX_TASKS = 40


class TaskState(Code):
    """Where a task stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"


def need_held(held_on: date, today: date) -> None:
    """Let only a meeting be written down that was held; `today` is local to the school.

    Raises:
        EnlaceError: its day is still to come.
    """
    if held_on > today:
        raise rule(
            "date-to-come",
            "This day is still to come, and what is written down here is a meeting that was held. "
            "Nothing was entered: check the date, or write it down once it was held.",
            es="Ese día todavía no llega, y aquí se anota una reunión que ya se hizo. No se guardó "
            "nada: revise la fecha, o anótela cuando se haya hecho.",
        )


class Participant(BaseModel):
    """Somebody who took part. `name` is sealed under the student's key."""

    model_config = ConfigDict(frozen=True)

    name: Sealed
    role: TeamRole
    subject: str | None = None


class Task(BaseModel):
    """Something that was agreed.

    Attributes:
        what: sealed under the student's key.
        owner: subject of who does it.
        due_on: last day in time, local to the school.
        overdue_at: when it became known that nobody had done it; set once.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    what: Sealed
    owner: str
    due_on: date
    state: TaskState = TaskState.OPEN
    overdue_at: datetime | None = None
    done_at: datetime | None = None
    done_by: str | None = None
    fingerprint: str

    def late_at(self, zone: str) -> datetime:
        """Return the moment from which it is overdue."""
        after = self.due_on + timedelta(days=1)
        return datetime.combine(after, LATE_FROM, ZoneInfo(zone)).astimezone(UTC)


class Meeting(Aggregate):
    """One child-study meeting.

    Attributes:
        decided: sealed under the student's key.
        next_due: when the next open task becomes overdue.
    """

    COLLECTION: ClassVar[str] = "meetings"

    student: str
    family: str
    site: str
    zone: str
    held_on: date
    participants: tuple[Participant, ...]
    decided: Sealed
    tasks: tuple[Task, ...] = ()
    by: str
    recorded_at: datetime
    fingerprint: str
    next_due: datetime | None = None

    def scheduled(self) -> "Meeting":
        """Return the meeting with its next due time."""
        waiting = [each.late_at(self.zone) for each in self.tasks if each.state is TaskState.OPEN]
        return self.having(next_due=min(waiting, default=None))

    def task(self, id: str) -> Task | None:
        """Return one task."""
        return next((each for each in self.tasks if each.id == id), None)

    def add(self, task: Task) -> "Meeting":
        """Return the meeting with one more task.

        Raises:
            EnlaceError: it has too many.
        """
        if len(self.tasks) >= MAX_TASKS:
            raise rule(
                "meeting-full",
                f"A meeting holds {MAX_TASKS} tasks. Write the next meeting down and add it there.",
                es=f"Una reunión admite {MAX_TASKS} tareas. Registre la siguiente reunión y "
                "agréguela ahí.",
            )
        return self.having(tasks=(*self.tasks, task)).scheduled()

    def do(self, id: str, by: str, now: datetime) -> "Meeting":
        """Return the meeting with a task done; one that is done already stays as it is.

        Raises:
            EnlaceError: there is no such task.
        """
        task = self.task(id)
        if task is None:
            raise unknown("task")
        if task.state is TaskState.DONE:
            return self
        done = task.model_copy(update={"state": TaskState.DONE, "done_at": now, "done_by": by})
        rest = tuple(done if each.id == id else each for each in self.tasks)
        return self.having(tasks=rest).scheduled()

    def tick(self, now: datetime) -> "Meeting":
        """Return the meeting after time has passed: what nobody did is overdue, once."""
        tasks = tuple(
            each.model_copy(update={"state": TaskState.OVERDUE, "overdue_at": now})
            if each.state is TaskState.OPEN and each.late_at(self.zone) <= now
            else each
            for each in self.tasks
        )
        return self.having(tasks=tasks).scheduled()
