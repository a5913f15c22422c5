"""Keeps an index of names a school: built behind requests, brought up to date before an answer.

What is promised, with the tests named after it, stands in `docs/search.md`. Names are in this
process's memory alone; logs tell schools and counts.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog
from pydantic import ValidationError
from pymongo.errors import PyMongoError

from contracts.sealed import Sealed
from services.chassis.database import Document
from services.chassis.privacy import Vault
from services.chassis.store import Store
from services.chassis.tasks import end
from services.referral.model.people import Enrolment, Student, StudentRecord
from services.referral.search.index import Entry, NameIndex

log = structlog.get_logger()

LATELY = timedelta(seconds=90)
"""How far back changes are read: a transaction lives for a minute, and machines' clocks differ."""

TIDY_SECONDS = 20.0
"""How often schools that are new are built, and children who were erased are dropped."""

_GROUP = 250
_TRIES = 4

_FIELDS = {"version": 1, "family": 1, "record": 1, "roster": 1, "enrolment": 1, "left_on": 1}


class _School:
    """One school's index, and up to when changes have been read."""

    def __init__(self) -> None:
        self.index = NameIndex()
        self.read_at = datetime.now(UTC)
        self.lock = asyncio.Lock()


class NameSearch:
    """Finds children by name."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._students = store.collection(Student)
        self._vault = vault
        self._schools: dict[str, _School] = {}
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to build, behind requests."""
        self._task = asyncio.create_task(self._keep())

    async def close(self) -> None:
        """Stop."""
        if self._task is not None:
            await end([self._task])
        self._schools.clear()

    def children(self, site: str) -> int:
        """Return how many children a school's index holds."""
        school = self._schools.get(site)
        return 0 if school is None else len(school.index)

    async def search(
        self, site: str, query: str, limit: int, *, in_full: bool = False
    ) -> list[Entry] | None:
        """Return the children of a school whose names answer, the best first.

        None while the school's index is being built: look otherwise meanwhile. `in_full`: only
        those whose given name and family name were typed, by whole words.

        Raises:
            PyMongoError: the database or the vault is away; try again.
        """
        school = self._schools.get(site)
        if school is None:
            self._wanted.set()
            return None
        seen = school.index.changes
        found = school.index.search(query, limit, in_full=in_full)
        # At once, for each is a question to the database; whatever either mends is searched again.
        _, mended = await asyncio.gather(
            self._bring_up_to_date(site, school), self._mend(site, school, found)
        )
        # Another search may have read it, while this one waited for its turn to.
        mended = mended or school.index.changes != seen
        for _ in range(_TRIES):
            if not mended:
                return found
            found = school.index.search(query, limit, in_full=in_full)
            mended = await self._mend(site, school, found)
        # Somebody changes them faster than they can be read: what is certain by now.
        known = school.index.entries
        return [each for each in found if known.get(each.id) == each]

    async def build(self, site: str) -> None:
        """Read a school's roll and put its index in place of an older one.

        Raises:
            PyMongoError: the database or the vault is away; try again.
        """
        school = _School()
        began = time.perf_counter()
        rows: list[Document] = []
        async for row in self._students.find({"site": site}, _FIELDS, batch_size=_GROUP):
            rows.append(row)
            if len(rows) == _GROUP:
                await self._enter(school.index, rows)
                rows = []
        await self._enter(school.index, rows)
        self._schools[site] = school
        took = round(time.perf_counter() - began, 2)
        log.info("search.built", site=site, children=len(school.index), seconds=took)

    async def build_missing(self) -> None:
        """Build the schools that have children and no index.

        Raises:
            PyMongoError: the database or the vault is away; try again.
        """
        for site in await self._students.distinct("site"):
            if site not in self._schools:
                await self.build(site)

    async def tidy(self) -> None:
        """Drop whoever was erased or has left, so that no name stays in memory that nobody seeks.

        Raises:
            PyMongoError: the database or the vault is away; try again.
        """
        for site, school in list(self._schools.items()):
            await self._bring_up_to_date(site, school)
            for ids in _groups(list(school.index.entries)):
                there = await self._vault.having_keys(ids)
                here = self._students.find({"_id": {"$in": ids}, "site": site}, {"_id": 1})
                there &= {row["_id"] async for row in here}
                for id in set(ids) - there:
                    school.index.drop(id)

    async def _keep(self) -> None:
        tidy_at = time.monotonic()
        while True:
            self._wanted.clear()
            try:
                await self.build_missing()
                if time.monotonic() >= tidy_at:
                    tidy_at = time.monotonic() + TIDY_SECONDS
                    await self.tidy()
            except PyMongoError as error:
                log.warning("search.waiting", error=type(error).__name__)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TIDY_SECONDS):
                    await self._wanted.wait()

    async def _bring_up_to_date(self, site: str, school: _School) -> None:
        """Read what has changed since the last time, and a little before."""
        async with school.lock:
            now = datetime.now(UTC)
            lately = {"site": site, "changed_at": {"$gte": school.read_at - LATELY}}
            known = school.index.entries
            changed = [
                row["_id"]
                async for row in self._students.find(lately, {"version": 1})
                if row["_id"] not in known or known[row["_id"]].version != row["version"]
            ]
            for ids in _groups(changed):
                await self._read(site, school, ids)
            school.read_at = now

    async def _mend(self, site: str, school: _School, found: Sequence[Entry]) -> bool:
        """Check hits against the database and the vault; tell whether one was not as it is."""
        ids = [each.id for each in found]
        if not ids:
            return False
        keys, rows = await asyncio.gather(self._vault.having_keys(ids), self._versions(site, ids))
        wrong = [
            each.id for each in found if each.id not in keys or rows.get(each.id) != each.version
        ]
        if wrong:
            await self._read(site, school, wrong)
        return bool(wrong)

    async def _versions(self, site: str, ids: list[str]) -> dict[str, int]:
        rows = self._students.find({"_id": {"$in": ids}, "site": site}, {"version": 1})
        return {row["_id"]: row["version"] async for row in rows}

    async def _read(self, site: str, school: _School, ids: list[str]) -> None:
        """Enter children as they are now; whoever has gone is dropped."""
        query = {"_id": {"$in": ids}, "site": site}
        rows = [row async for row in self._students.find(query, _FIELDS)]
        for id in set(ids) - {row["_id"] for row in rows}:
            school.index.drop(id)
        await self._enter(school.index, rows)

    async def _enter(self, index: NameIndex, rows: Sequence[Document]) -> None:
        texts = await self._vault.open_many([Sealed(row["record"]) for row in rows])
        for row, text in zip(rows, texts, strict=True):
            entry = None if text is None else _entry(row, text)
            known = index.entries.get(row["_id"])
            if entry is None:
                index.drop(row["_id"])
            elif known is None or known.version <= entry.version:  # two may read at once
                index.put(entry)
        await asyncio.sleep(0)  # requests go first


def _entry(row: Document, text: str) -> Entry | None:
    try:
        record = StudentRecord.model_validate_json(text)
    except ValidationError:  # a later release's: the scan cannot read it either
        return None
    return Entry.of(
        id=row["_id"],
        version=row["version"],
        family=row["family"],
        given_name=record.given_name,
        family_name=record.family_name,
        grade=record.grade,
        rostered=row.get("roster") is not None,
        enrolment=row.get("enrolment", Enrolment.ENROLLED.value),
        left_on=row.get("left_on"),
    )


def _groups(ids: list[str]) -> list[list[str]]:
    return [ids[start : start + _GROUP] for start in range(0, len(ids), _GROUP)]
