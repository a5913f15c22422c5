"""A roster read into memory whole, so that a test can look at all of it."""

from pathlib import Path

from services.chassis.tabular import Problem, Record, Tally
from services.referral.roster import Scope, open_roster
from services.referral.roster.model import Guardian, School, Student

_AROUND = "SELECT student, guardian, relation FROM tie ORDER BY place"


class Whole(Record):
    """Everything of a roster."""

    schools: tuple[School, ...]
    students: tuple[Student, ...]
    guardians: tuple[Guardian, ...]
    relationships: tuple[tuple[str, str, str], ...]
    others: int
    ignored: tuple[Tally, ...]
    dropped: tuple[Tally, ...]
    problems: tuple[Problem, ...]


def read_roster(path: Path, org: str | None = None) -> Whole:
    with open_roster(path, Scope(site="site-01", org=org)) as roster:
        homes = [home for group in roster.tables.households(2) for home in group]
        students = [student for home in homes for _, student in home.students]
        people = {one.source_id: one for home in homes for one, _ in home.around}
        return Whole(
            schools=tuple(roster.schools.values()),
            students=tuple(sorted(students, key=lambda each: each.source_id)),
            guardians=tuple(people.values()),
            relationships=tuple(roster.tables.db.execute(_AROUND)),
            others=roster.others,
            ignored=roster.log.ignored,
            dropped=roster.log.dropped,
            problems=tuple(roster.log.problems_found()),
        )
