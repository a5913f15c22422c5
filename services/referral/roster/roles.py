"""Who in a roster is a student, and where."""

from dataclasses import dataclass, field
from datetime import date

from services.chassis.tabular import Cells, ReadingLog
from services.referral.roster.model import School


@dataclass(slots=True)
class Attendance:
    """Where a student attends; the first or the primary role decides."""

    cells: Cells
    school: str
    primary: bool
    grade: str | None
    start: date | None
    end: date | None
    others: dict[str, None] = field(default_factory=dict)


class Roles:
    """Collects the students among the users of a roster."""

    def __init__(self, log: ReadingLog, schools: dict[str, School], scope: frozenset[str]) -> None:
        self._log = log
        self._schools = schools
        self._scope = scope
        self.students: dict[str, Attendance] = {}
        self.outside: set[str] = set()
        """Students elsewhere in the school system: not asked for, and no problem."""

    def take(self, cells: Cells) -> None:
        """Takes one row of `roles.csv`."""
        user = cells.id("userSourcedId")
        if user is None or (cells.text("role") or "").casefold() != "student":
            return
        school = cells.text("orgSourcedId")
        if school is None or school not in self._schools:
            cells.refuse(
                "orgSourcedId",
                "No organization of the roster has this id.",
                "Add the school to orgs.csv, or correct the id.",
            )
            return
        if school not in self._scope:
            self.outside.add(user)
            return
        role = Attendance(
            cells=cells,
            school=school,
            primary=bool(cells.flag("isPrimary")),
            grade=cells.text("grade"),
            start=cells.date("roleStartDate"),
            end=cells.date("roleEndDate"),
        )
        first = self.students.get(user)
        if first is None:
            self.students[user] = role
        elif role.primary and not first.primary:
            role.others = {first.school: None, **first.others}
            role.others.pop(role.school, None)
            self.students[user] = role
        elif school != first.school:
            first.others[school] = None
