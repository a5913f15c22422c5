"""Who in a roster is a student, and where."""

import json
import re
from collections.abc import Mapping

from services.chassis.tabular import Cells, ReadingLog, Row
from services.referral.roster.log import RosterLog
from services.referral.roster.tables import Tables, cells_of

FILE = "roles.csv"

ROLE_WORD = re.compile(r"[A-Za-z][A-Za-z :_-]{3,39}")
"""What a role is called: a word, where a grade or an id is a number or a few letters."""


class Roles:
    """Collects the students among the users of a roster; the first or the primary role decides.

    Args:
        tables: where they are kept.
        log: counts what cannot be a role.
        sites: the school here of each organization whose students are taken, by its id there.
        schools: every organization of the roster.

    Attributes:
        placed: rows of students whose organization the roster has.
        unplaced: rows of students whose organization it has not.
    """

    def __init__(
        self,
        tables: Tables,
        log: RosterLog,
        sites: Mapping[str, str],
        schools: frozenset[str],
    ) -> None:
        self._tables = tables
        self._log = log
        self._sites = sites
        self._schools = schools
        self.placed = self.unplaced = 0

    def take(self, cells: Cells) -> None:
        """Takes one row of `roles.csv`."""
        user, role = cells.id("userSourcedId"), cells.text("role")
        if role is not None:
            self._log.column(FILE, "role", fits=ROLE_WORD.fullmatch(role) is not None)
        if user is None or (role or "").casefold() != "student":
            return
        school = cells.text("orgSourcedId")
        if school is None or school not in self._schools:
            self.unplaced += 1
            cells.refuse(
                "orgSourcedId",
                "No organization of the roster has this id.",
                "Add the school to orgs.csv, or correct the id.",
            )
            # Whoever has a bad row has not left: only a roster that is silent of a child says so.
            self._tables.run("INSERT OR IGNORE INTO doubtful VALUES (?)", user)
            return
        self.placed += 1
        if school not in self._sites:
            # Students elsewhere in the school system: not asked for, and no problem.
            self._tables.run("INSERT OR IGNORE INTO outside VALUES (?, ?)", user, school)
            return
        start, end = cells.date("roleStartDate"), cells.date("roleEndDate")
        primary = bool(cells.flag("isPrimary"))
        first = self._tables.one(
            "SELECT school, primary_role, others FROM student WHERE id = ?", user
        )
        others: list[str] = [] if first is None else json.loads(first[2])
        if first is not None and (first[1] or not primary):
            if school != first[0] and school not in others:
                others.append(school)
                changed = json.dumps(others)
                self._tables.run("UPDATE student SET others = ? WHERE id = ?", changed, user)
            return
        if first is not None:
            others = [each for each in (first[0], *others) if each != school]
        self._tables.run(
            "INSERT OR REPLACE INTO student VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            user,
            self._sites[school],
            school,
            primary,
            cells.text("grade"),
            None if start is None else start.isoformat(),
            None if end is None else end.isoformat(),
            json.dumps(others),
            cells.row.line,
            cells_of(cells.row.values),
        )

    def has(self, user: str) -> bool:
        """Tell whether a user is one of the students that are taken."""
        return self._tables.one("SELECT 1 FROM student WHERE id = ?", user) is not None

    def is_elsewhere(self, user: str) -> bool:
        """Tell whether a user is a student of a school that was not asked for."""
        return self._tables.one("SELECT 1 FROM outside WHERE id = ?", user) is not None

    def refuse(self, log: ReadingLog, user: str, what: str, what_to_do: str) -> None:
        """Lists a student whose row cannot be taken."""
        row = self._tables.one("SELECT line, cells FROM student WHERE id = ?", user)
        if row is not None:
            cells = Cells(Row(FILE, row[0], json.loads(row[1])), log)
            cells.refuse("userSourcedId", what, what_to_do)

    def refuse_nameless(self, log: ReadingLog) -> None:
        """Lists students who are no users of the roster."""
        rows = self._tables.db.execute(
            "SELECT line, cells FROM student WHERE id NOT IN (SELECT id FROM seen) ORDER BY line"
        )
        for line, cells in rows.fetchall():
            Cells(Row(FILE, line, json.loads(cells)), log).refuse(
                "userSourcedId",
                "No user of the roster has this id.",
                "Add the student to users.csv, or correct the id.",
            )
