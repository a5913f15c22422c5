"""The students of a roster and the people around them."""

from dataclasses import dataclass
from datetime import date

from services.chassis.tabular import Cells, ReadingLog
from services.referral.roster.model import Guardian, Phone, Relationship, Student
from services.referral.roster.never import is_flag_never_kept
from services.referral.roster.roles import Roles


@dataclass(frozen=True, slots=True)
class _Tie:
    student: str
    guardian: str
    relation: str
    cells: Cells


class People:
    """Collects people file by file; users come last, so that only those in question are held."""

    def __init__(self, log: ReadingLog, roles: Roles) -> None:
        self._log = log
        self._roles = roles
        self._ties: dict[tuple[str, str], _Tie] = {}
        self._related: set[str] = set()
        self._birth_dates: dict[str, date] = {}
        self._flags: dict[str, dict[str, None]] = {}
        self._students: dict[str, Student] = {}
        self._guardians: dict[str, Guardian] = {}
        self._seen: set[str] = set()
        self.others = 0

    def take_relationship(self, cells: Cells) -> None:
        """Takes one row of `relationships.csv`: who is what to a student."""
        student, guardian = cells.id("userSourcedId"), cells.id("relationshipUserSourcedId")
        if student is None or guardian is None:
            return
        if student not in self._roles.students:
            if student not in self._roles.outside:
                cells.refuse(
                    "userSourcedId",
                    "No student of the roster has this id.",
                    "Add the student's role to roles.csv, or correct the id.",
                )
            return
        relation = cells.text("relationshipRole") or "other"
        if (student, guardian) in self._ties:
            cells.refuse(
                "relationshipUserSourcedId",
                "These two are already related. The first row was kept.",
                "Keep one row for each pair of people.",
            )
            return
        self._ties[student, guardian] = _Tie(student, guardian, relation, cells)
        self._related.add(guardian)

    def take_demographics(self, cells: Cells) -> None:
        """Takes one row of `demographics.csv`, of which only a student's birth date is read."""
        user = cells.id("userSourcedId")
        if user in self._roles.students:
            born = cells.date("birthDate", personal=True)
            if born is not None and self._birth_dates.setdefault(user, born) != born:
                cells.ignore(
                    "birthDate",
                    "An earlier row gives another birth date. That one was kept.",
                    "Keep one row for each student.",
                    personal=True,
                )
        elif cells.text("birthDate"):
            self._log.ignore(cells.row.file, "birthDate")

    def take_flag(self, cells: Cells) -> None:
        """Takes one row of `userFlags.csv`."""
        user, flag = cells.id("userSourcedId"), cells.text("flag")
        if user is None or flag is None:
            return
        if is_flag_never_kept(flag):
            self._log.drop(cells.row.file, "flag")
        elif user in self._roles.students:
            self._flags.setdefault(user, {})[flag] = None
        else:
            self._log.ignore(cells.row.file, "flag")

    def take_user(self, cells: Cells) -> None:
        """Takes one row of `users.csv`: a student, a person related to one, or neither."""
        id_ = cells.id("sourcedId")
        if id_ is None:
            return
        if id_ in self._seen:
            cells.refuse(
                "sourcedId",
                "Another user has this id. The first was kept.",
                "Give each user an id of their own.",
            )
            return
        self._seen.add(id_)
        if id_ not in self._roles.students and id_ not in self._related:
            self.others += 1
            return
        given_name, family_name = cells.text("givenName"), cells.text("familyName")
        if given_name is None or family_name is None:
            cells.refuse(
                "familyName" if given_name else "givenName",
                "The user has no full name.",
                "Fill in given name and family name.",
            )
            return
        if id_ in self._roles.students:
            self._students[id_] = self._student(id_, given_name, family_name, cells)
        if id_ in self._related:
            self._guardians[id_] = Guardian(
                source_id=id_,
                given_name=given_name,
                family_name=family_name,
                email=cells.email("email"),
                phone=_phone(cells, "phone"),
                sms=_phone(cells, "sms"),
                language=cells.text("preferredLanguage"),
            )

    def finish(self) -> None:
        """Lists students without a user, and drops and lists ties whose ends are missing."""
        for id_, role in self._roles.students.items():
            if id_ not in self._seen:
                role.cells.refuse(
                    "userSourcedId",
                    "No user of the roster has this id.",
                    "Add the student to users.csv, or correct the id.",
                )
        for key, tie in list(self._ties.items()):
            if tie.guardian not in self._guardians:
                column = "relationshipUserSourcedId"
            elif tie.student not in self._students:
                column = "userSourcedId"
            else:
                continue
            del self._ties[key]
            tie.cells.refuse(
                column,
                "No user that could be read has this id.",
                "Add the person to users.csv with their name, or correct the id.",
            )
        tied = {tie.guardian for tie in self._ties.values()}
        self._guardians = {id_: one for id_, one in self._guardians.items() if id_ in tied}

    def students(self) -> tuple[Student, ...]:
        """The students, in the order of `users.csv`."""
        return tuple(self._students.values())

    def guardians(self) -> tuple[Guardian, ...]:
        """The people around them, once each."""
        return tuple(self._guardians.values())

    def relationships(self) -> tuple[Relationship, ...]:
        """Who is what to whom."""
        return tuple(
            Relationship(
                student_source_id=tie.student,
                guardian_source_id=tie.guardian,
                relation=tie.relation,
            )
            for tie in self._ties.values()
        )

    def _student(self, id_: str, given_name: str, family_name: str, cells: Cells) -> Student:
        for column in ("email", "phone", "sms"):
            if cells.text(column):
                self._log.ignore(cells.row.file, f"{column} (of students)")
        role = self._roles.students[id_]
        return Student(
            source_id=id_,
            given_name=given_name,
            family_name=family_name,
            birth_date=self._birth_dates.get(id_),
            grade=role.grade,
            school_source_id=role.school,
            other_school_source_ids=tuple(role.others),
            role_start=role.start,
            role_end=role.end,
            flags=tuple(self._flags.get(id_, ())),
        )


def _phone(cells: Cells, column: str) -> Phone | None:
    raw = cells.text(column)
    if raw is None:
        return None
    e164, _ = cells.phone(column) or (None, None)
    return Phone(raw=raw, e164=e164)
