"""Where a roster lies while it is read: tables on the machine's own disk, never in memory.

A roster is five files that must be joined before a single child is known. A district's would fill
hundreds of megabytes as objects, so the rows go into a private SQLite database without a name: the
system unlinks it as it is opened, so that neither a crash nor a full stop leaves anybody's name
behind.
"""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

from services.referral.roster.model import Guardian, Household, Phone, Student

_CACHE_KIB = 4 * 1024
"""Pages in memory; the rest of them are on disk. More is hardly faster."""

_SCHEMA = """
CREATE TABLE student (id TEXT PRIMARY KEY, site TEXT, school TEXT, primary_role INTEGER,
  grade TEXT, starts TEXT, ends TEXT, others TEXT, line INTEGER, cells TEXT,
  household INTEGER) WITHOUT ROWID;
CREATE TABLE outside (id TEXT PRIMARY KEY, school TEXT) WITHOUT ROWID;
CREATE TABLE doubtful (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE key (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE tie (student TEXT, guardian TEXT, relation TEXT, line INTEGER, cells TEXT, place
  INTEGER, PRIMARY KEY (student, guardian)) WITHOUT ROWID;
CREATE INDEX tie_guardian ON tie (guardian);
CREATE TABLE birth (user TEXT PRIMARY KEY, born TEXT) WITHOUT ROWID;
CREATE TABLE flag (user TEXT, flag TEXT, place INTEGER, PRIMARY KEY (user, flag)) WITHOUT ROWID;
CREATE TABLE seen (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE person (id TEXT PRIMARY KEY, place INTEGER, given TEXT, family TEXT, email TEXT,
  phone TEXT, phone_e164 TEXT, sms TEXT, sms_e164 TEXT, language TEXT) WITHOUT ROWID;
CREATE TABLE problem (file TEXT, line INTEGER, field TEXT, shown TEXT, what TEXT, what_to_do TEXT,
  severity TEXT, cells TEXT);
CREATE TABLE mended (file TEXT, line INTEGER, mark TEXT, cells TEXT, used INTEGER DEFAULT 0,
  PRIMARY KEY (file, line)) WITHOUT ROWID;
CREATE TABLE taken (family TEXT PRIMARY KEY, household INTEGER) WITHOUT ROWID;
CREATE TABLE household (number INTEGER PRIMARY KEY, site TEXT, around TEXT);
"""

_GROUP = """
CREATE TEMP TABLE around AS SELECT id, site, COALESCE((SELECT group_concat(guardian, char(31))
  FROM (SELECT guardian FROM tie WHERE tie.student = student.id ORDER BY guardian)),
  'alone ' || id) AS around FROM student WHERE id IN (SELECT id FROM person);
CREATE INDEX temp.by_around ON around (around, id);
CREATE UNIQUE INDEX temp.by_id ON around (id);
INSERT INTO household (site, around) SELECT (SELECT site FROM around AS one WHERE one.around =
  all_.around ORDER BY id LIMIT 1) AS site, around FROM around AS all_
  GROUP BY around ORDER BY site, min(id);
CREATE INDEX household_around ON household (around);
UPDATE student SET household = (SELECT number FROM household JOIN around
  ON around.around = household.around WHERE around.id = student.id);
CREATE INDEX student_household ON student (household, id);
"""

_STUDENTS = """
SELECT household, s.id, site, school, grade, starts, ends, others, given, family, born,
  (SELECT json_group_array(flag) FROM (SELECT flag FROM flag WHERE user = s.id ORDER BY place))
FROM student s JOIN person p ON p.id = s.id LEFT JOIN birth b ON b.user = s.id
WHERE household > ? ORDER BY household, s.id
"""

_AROUND = """
SELECT p.id, given, family, email, phone, phone_e164, sms, sms_e164, language, relation
FROM tie t JOIN person p ON p.id = t.guardian WHERE t.student = ? ORDER BY t.place
"""


class Tables:
    """The rows of one roster; closed, nothing of it is left."""

    def __init__(self) -> None:
        # An import reads in a thread of its own, and writes from another one, never both at once.
        self.db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        for pragma in (
            *("journal_mode = OFF", "synchronous = OFF", "temp_store = FILE"),
            f"cache_size = -{_CACHE_KIB}",
        ):
            self.db.execute(f"PRAGMA {pragma}")
        self.db.executescript(_SCHEMA)
        self.db.execute("BEGIN")

    def close(self) -> None:
        """Let everything go."""
        self.db.close()

    def one(self, query: str, *values: object) -> tuple[Any, ...] | None:
        """Return the first row of a query, or None."""
        row: tuple[Any, ...] | None = self.db.execute(query, values).fetchone()
        return row

    def run(self, query: str, *values: object) -> bool:
        """Write; tell whether a row was."""
        return self.db.execute(query, values).rowcount > 0

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        found = self.one(f"SELECT count(*) FROM {table}")  # noqa: S608 - a table's name of ours
        return 0 if found is None else int(found[0])

    def named(self) -> int:
        """Return how many of the students are users of the roster, read well or badly."""
        found = self.one("SELECT count(*) FROM student WHERE id IN (SELECT id FROM seen)")
        return 0 if found is None else int(found[0])

    def group(self) -> None:
        """Put children into households, once all files were read."""
        self.db.execute("COMMIT")
        self.db.executescript(_GROUP)

    def households(self, size: int, after: int = 0) -> Iterator[list[Household]]:
        """Yield the households in groups of one school and of at most this many.

        Args:
            size: of a group.
            after: from this number on.
        """
        group: list[Household] = []
        for home in self._each_household(after):
            if group and (len(group) == size or group[0].site != home.site):
                yield group
                group = []
            group.append(home)
        if group:
            yield group

    def _each_household(self, after: int) -> Iterator[Household]:
        rows = self.db.execute(_STUDENTS, (after,))
        for number, students in groupby(rows, key=itemgetter(0)):
            yield self._household(number, [(row[2], _student(row)) for row in students])

    def hash_ids(self, sis_key: Callable[[str], str]) -> None:
        """Remember the keyed hash of every child's id, of those too whose rows are bad."""
        ids = self.db.execute("SELECT id FROM student UNION SELECT id FROM doubtful")
        while group := ids.fetchmany(1_000):
            keys = [(sis_key(id),) for (id,) in group]
            self.db.executemany("INSERT OR IGNORE INTO key VALUES (?)", keys)

    def has_key(self, key: str) -> bool:
        """Tell whether the roster names a child whose id has this keyed hash, well or badly."""
        return self.one("SELECT 1 FROM key WHERE key = ?", key) is not None

    def children(self) -> int:
        """Return how many children can be taken."""
        found = self.one("SELECT count(*) FROM student WHERE household > 0")
        return 0 if found is None else int(found[0])

    def ended_before(self, today: date) -> int:
        """Return how many of them have left, as the roster says itself."""
        query = "SELECT count(*) FROM student WHERE household > 0 AND ends < ?"
        found = self.one(query, today.isoformat())
        return 0 if found is None else int(found[0])

    def take(self, family: str, household: int) -> bool:
        """Give a family's id to a household; False where another one of the roster has it."""
        self.run("INSERT OR IGNORE INTO taken VALUES (?, ?)", family, household)
        return self.one("SELECT household FROM taken WHERE family = ?", family) == (household,)

    def _household(self, number: int, students: list[tuple[str, Student]]) -> Household:
        rows = self.db.execute(_AROUND, (students[0][1].source_id,))
        return Household(
            number=number,
            site=students[0][0],
            students=tuple(students),
            around=tuple((_guardian(row), str(row[9])) for row in rows),
        )


def cells_of(values: Mapping[str, str]) -> str:
    """Return a row's values as they are kept."""
    return json.dumps(dict(values), ensure_ascii=False)


def _student(row: tuple[Any, ...]) -> Student:
    _, id, _, school, grade, starts, ends, others, given, family, born, flags = row
    return Student.model_validate(
        {
            "source_id": id,
            "given_name": given,
            "family_name": family,
            "birth_date": born,
            "grade": grade,
            "school_source_id": school,
            "other_school_source_ids": json.loads(others),
            "role_start": starts,
            "role_end": ends,
            "flags": json.loads(flags),
        },
        strict=False,  # dates are kept as text
    )


def _guardian(row: tuple[Any, ...]) -> Guardian:
    id, given, family, email, phone, phone_e164, sms, sms_e164, language, _ = row
    return Guardian(
        source_id=id,
        given_name=given,
        family_name=family,
        email=email,
        phone=None if phone is None else Phone(raw=phone, e164=phone_e164),
        sms=None if sms is None else Phone(raw=sms, e164=sms_e164),
        language=language,
    )
