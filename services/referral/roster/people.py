"""The students of a roster and the people around them."""

import json

from services.chassis.tabular import Cells, Row
from services.referral.roster.log import RosterLog
from services.referral.roster.never import is_flag_never_kept
from services.referral.roster.roles import Roles
from services.referral.roster.swapped import may_be_name
from services.referral.roster.tables import Tables, cells_of

_TIES = "relationships.csv"
_MOST = 100
"""Characters of a name, as everywhere."""

_MOST_FLAG, _MOST_EMAIL = 40, 254


class People:
    """Collects people file by file; users come last, so that only those in question are held."""

    def __init__(self, tables: Tables, log: RosterLog, roles: Roles) -> None:
        self._tables = tables
        self._log = log
        self._roles = roles
        self._place = 0
        self.others = 0

    def is_related(self, user: str) -> bool:
        """Tell whether somebody is one of the people around a student."""
        found = self._tables.one("SELECT 1 FROM tie WHERE guardian = ? LIMIT 1", user)
        return found is not None

    def take_relationship(self, cells: Cells) -> None:
        """Takes one row of `relationships.csv`: who is what to a student."""
        student, guardian = cells.id("userSourcedId"), cells.id("relationshipUserSourcedId")
        if student is None or guardian is None:
            return
        if not self._roles.has(student):
            if not self._roles.is_elsewhere(student):
                cells.refuse(
                    "userSourcedId",
                    "No student of the roster has this id.",
                    "Add the student's role to roles.csv, or correct the id.",
                )
            return
        if not self._tables.run(
            "INSERT OR IGNORE INTO tie VALUES (?, ?, ?, ?, ?, ?)",
            student,
            guardian,
            cells.text("relationshipRole") or "other",
            cells.row.line,
            cells_of(cells.row.values),
            self._next(),
        ):
            cells.refuse(
                "relationshipUserSourcedId",
                "These two are already related. The first row was kept.",
                "Keep one row for each pair of people.",
            )

    def take_demographics(self, cells: Cells) -> None:
        """Takes one row of `demographics.csv`, of which only a student's birth date is read."""
        user = cells.id("userSourcedId")
        if user is None or not self._roles.has(user):
            if cells.text("birthDate"):
                self._log.ignore(cells.row.file, "birthDate")
            return
        born = cells.date("birthDate", personal=True)
        if cells.text("birthDate"):
            self._log.column(cells.row.file, "birthDate", fits=born is not None)
        if born is None:
            return
        if not self._tables.run("INSERT OR IGNORE INTO birth VALUES (?, ?)", user, str(born)):
            known = self._tables.one("SELECT born FROM birth WHERE user = ?", user)
            if known != (str(born),):
                cells.ignore(
                    "birthDate",
                    "An earlier row gives another birth date. That one was kept.",
                    "Keep one row for each student.",
                    personal=True,
                )

    def take_flag(self, cells: Cells) -> None:
        """Takes one row of `userFlags.csv`."""
        user, flag = cells.id("userSourcedId"), cells.text("flag")
        if user is None or flag is None:
            return
        if is_flag_never_kept(flag):
            self._log.drop(cells.row.file, "flag")
        elif len(flag) > _MOST_FLAG:
            cells.ignore("flag", "The flag is no code.", f"Write at most {_MOST_FLAG} characters.")
        elif self._roles.has(user):
            place = self._next()
            self._tables.run("INSERT OR IGNORE INTO flag VALUES (?, ?, ?)", user, flag, place)
        else:
            self._log.ignore(cells.row.file, "flag")

    def take_user(self, cells: Cells) -> None:
        """Takes one row of `users.csv`: a student, a person related to one, or neither."""
        id_ = cells.id("sourcedId")
        if id_ is None:
            return
        if not self._tables.run("INSERT OR IGNORE INTO seen VALUES (?)", id_):
            cells.refuse(
                "sourcedId",
                "Another user has this id. The first was kept.",
                "Give each user an id of their own.",
            )
            return
        student = self._roles.has(id_)
        related = self.is_related(id_)
        if not student and not related:
            self.others += 1
            return
        names = [self._name(cells, column) for column in ("givenName", "familyName")]
        if None in names:
            return
        if student:
            for column in ("email", "phone", "sms"):
                if cells.text(column):
                    self._log.ignore(cells.row.file, f"{column} (of students)")
        reach = self._reach(cells) if related else (None,) * 6
        self._tables.run(
            "INSERT INTO person VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(id_, self._next(), *names, *reach),
        )

    def finish(self) -> None:
        """Lists students without a user, and drops and lists ties whose ends are missing."""
        self._roles.refuse_nameless(self._log)
        for column, end in (
            ("relationshipUserSourcedId", "guardian"),
            ("userSourcedId", "student"),
        ):
            missing = f"FROM tie WHERE {end} NOT IN (SELECT id FROM person)"  # noqa: S608 - ours
            query = f"SELECT line, cells {missing} ORDER BY line"
            for line, cells in self._tables.db.execute(query).fetchall():
                Cells(Row(_TIES, line, json.loads(cells)), self._log).refuse(
                    column,
                    "No user that could be read has this id.",
                    "Add the person to users.csv with their name, or correct the id.",
                )
            self._tables.run(f"DELETE {missing}")

    def _name(self, cells: Cells, column: str) -> str | None:
        """Returns a name that can be one; None after refusing the row."""
        name = cells.text(column)
        if name is None:
            cells.refuse(
                column, "The user has no full name.", "Fill in given name and family name."
            )
            return None
        fits = may_be_name(name)
        self._log.column(cells.row.file, column, fits=fits)
        if not fits or len(name) > _MOST:
            cells.refuse(
                column,
                "This cannot be a name: it holds a formula, a number or an address."
                if not fits
                else f"The name is longer than {_MOST} characters.",
                "Write the name itself. If the cell shows one, paste it as a value, not a formula.",
                personal=True,
            )
            return None
        return name

    def _reach(self, cells: Cells) -> tuple[str | None, ...]:
        email = cells.email("email")
        if cells.text("email"):
            self._log.column(cells.row.file, "email", fits=email is not None)
        found: list[str | None] = [email if len(email or "") <= _MOST_EMAIL else None]
        for column in ("phone", "sms"):
            raw = cells.text(column)
            e164, _ = (cells.phone(column) if raw else None) or (None, None)
            found += [raw, e164]
        return (*found, cells.text("preferredLanguage"))

    def _next(self) -> int:
        self._place += 1
        return self._place
