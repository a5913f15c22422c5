"""Takes a roster in: reads and checks all of it, then writes slice by slice.

Nothing is written before the whole roster was read. Each slice is one transaction, with the record
of how far the import is. Ids and fingerprints make every write repeatable: an import that was
killed is finished by sending the same file again, which changes nothing of what is done.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import IO, TypeVar

import structlog
from pymongo.errors import DuplicateKeyError, PyMongoError

from contracts.codes import Relation
from services.chassis.errors import EnlaceError, Kind, stale
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.chassis.tabular import ToldProblem
from services.referral.api.context import Context
from services.referral.handlers.doubts import look
from services.referral.handlers.household import follow
from services.referral.handlers.schools import follow_to_school
from services.referral.imports.bad_rows import BadRows
from services.referral.imports.plan import names_for, plan_slice
from services.referral.imports.planned import Slice, Stored
from services.referral.imports.report import MOST_SHOWN, RosterReport, Totals
from services.referral.imports.sealed import Written, seal_slice
from services.referral.model.follow_up import local_date
from services.referral.model.people import Enrolment, Family, Student
from services.referral.model.roster_run import RosterRun, RunState
from services.referral.roster import ALL_COLUMNS, Roster, Scope, open_roster
from services.referral.roster.mended import write_bad_rows
from services.referral.roster.model import Household
from services.referral.roster.spanish import in_spanish

T = TypeVar("T")

SLICE = 200
"""Households a transaction: some hundred persons, which takes well under a second."""

_FAILED = (
    "The import stopped at a fault of the system ({error}); the referral service's log tells "
    "where, as roster.failed. What it has written is whole. Send the same file again: it goes on "
    "with the rest. Where it stops again, give that line of the log to whoever looks after the "
    "system."
)
_FAILED_ES = (
    "La carga se detuvo por una falla del sistema ({error}); el registro del servicio referral "
    "dice dónde, como roster.failed. Lo que guardó está completo. Envíe el mismo archivo otra vez: "
    "sigue con lo que falta. Si se detiene de nuevo, dé esa línea del registro a quien cuida el "
    "sistema."
)
_TRIES = 5
_SILENT = timedelta(seconds=5)
_ATTENDING = {"$nin": [each.value for each in Enrolment if each is not Enrolment.ENROLLED]}

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Order:
    """What somebody asked for.

    Attributes:
        run: the import, as it is recorded.
        scope: whose students.
        tell: whom, among those who are new, the school says may be told.
        confirmed: the preview that they have looked at.
        part: the roster is of a part of the school: whoever it does not name has not left.
    """

    run: RosterRun
    scope: Scope
    tell: tuple[Relation, ...] = ()
    confirmed: RosterRun | None = None
    part: bool = False


async def begin(store: Store, fresh: RosterRun) -> RosterRun:
    """Record that an import begins, or begins again after a stop.

    Raises:
        EnlaceError: the id is another import's, or this one is at work.
    """
    ref = Ref(RosterRun, fresh.id)

    def enter(found: Found) -> Change[RosterRun]:
        known = found.get(ref)
        run = fresh if known is None else known.again(fresh, fresh.touched_at)
        return Change(run.having(version=run.version + 1), [run])

    return await store.update([ref], enter)


class Import:
    """One import at work."""

    def __init__(self, context: Context, bad_rows: BadRows, order: Order) -> None:
        self._context = context
        self._bad_rows = bad_rows
        self._order = order
        self.run = order.run
        self._totals = Totals()

    async def take_in(self, source: Path | IO[bytes]) -> RosterReport:
        """Do it; returns what it came to.

        Args:
            source: where the roster lies, or the open file that holds it.

        Raises:
            EnlaceError: the roster cannot be taken, or the record changes faster than it can be
                written. The import is recorded as stopped.
            Exception: a fault of the system. It is recorded too: who waits must not wait until
                the import counts as killed.
        """
        try:
            async with contextlib.AsyncExitStack() as stack:
                opening = open_roster(source, self._order.scope)
                roster = await asyncio.to_thread(opening.__enter__)
                stack.push(opening.__exit__)
                await asyncio.to_thread(roster.tables.hash_ids, self._sis_key)
                return await self._carry_out(roster)
        except EnlaceError as error:
            await self._stopped(error.slug, error.detail, error.es)
            raise
        except Exception as error:
            words = [each.format(error=type(error).__name__) for each in (_FAILED, _FAILED_ES)]
            # A database that is away cannot be told; then its silence tells.
            with contextlib.suppress(PyMongoError):
                await self._stopped("import-failed", *words)
            raise

    async def _stopped(self, slug: str, detail: str, detail_es: str) -> None:
        await self._note(state=RunState.STOPPED, slug=slug, detail=detail, detail_es=detail_es)

    async def _carry_out(self, roster: Roster) -> RosterReport:
        gone, stored = await self._gone(roster)
        if not self.run.preview:
            self.run.check_gone(len(gone), stored, self._order.confirmed)
        at_work = RunState.READING if self.run.preview else RunState.WRITING
        await self._note(state=at_work, children=roster.tables.children(), gone=len(gone))
        if not self.run.preview:
            for ids in _groups(gone, SLICE):
                await self._repeated(partial(self._withdraw, ids))
        for households in roster.tables.households(SLICE):
            part = await self._repeated(partial(self._take, roster, households))
            self._totals.add(part)
            self._refuse(roster, part)
            if datetime.now(UTC) - self.run.touched_at > _SILENT:
                await self._note()  # where nothing is new, nothing else says that it is at work
        found = roster.log.bad_rows()
        await self._bad_rows.keep(self.run.id, write_bad_rows(found, ALL_COLUMNS))
        report = self._report(roster, gone)
        done = RunState.PREVIEWED if self.run.preview else RunState.DONE
        # Without the problems: what they show of a row is kept sealed, in the CSV alone.
        kept = report.model_copy(update={"problems": ()})
        await self._note(state=done, report=kept.model_dump_json())
        log.info("roster.taken", run=self.run.id, children=self.run.children, state=done.value)
        return report

    async def _gone(self, roster: Roster) -> tuple[list[str], int]:
        """Return who is in no row of the roster, and how many children rosters have brought."""
        if self._order.part:
            return [], 0
        query = {
            "site": {"$in": list(self.run.sites)},
            "roster": {"$type": "string"},
            "enrolment": _ATTENDING,
        }
        gone, stored = [], 0
        students = self._context.store.collection(Student)
        # In small batches: the server's own are of 16 MiB, and each is decoded whole.
        async for row in students.find(query, {"sis_key": 1}, batch_size=1_000):
            stored += 1
            if not roster.tables.has_key(row.get("sis_key") or ""):
                gone.append(str(row["_id"]))
        return sorted(gone), stored

    async def _withdraw(self, ids: Sequence[str]) -> None:
        """Mark children as withdrawn, in one transaction."""
        refs = [Ref(Student, id) for id in ids]
        today = self._today()

        def mark(found: Found) -> Change[None]:
            there = [found.get(ref) for ref in refs]
            left = [
                each.having(enrolment=Enrolment.WITHDRAWN, left_on=today)
                for each in there
                if each is not None and each.attends
            ]
            return Change(None, left)

        await self._context.store.update(refs, mark)

    async def _take(self, roster: Roster, households: Sequence[Household]) -> Slice:
        """Plan a slice, and write it unless this is a preview."""
        part = plan_slice(
            households,
            await self._stored(roster, households),
            secret=self._context.secret,
            sis_key=self._sis_key,
            take=roster.tables.take,
        )
        handled = self.run.handled + sum(len(each.students) for each in households)
        if self.run.preview:
            self.run = self.run.having(handled=handled)
            return part
        written = await seal_slice(
            self._context.vault,
            part,
            self._order.tell,
            self._context.desk.rules().spoken,
            now=self._context.clock.now(),
            tells_flags=roster.tells_flags,
        )
        if written.save:
            run = self.run.having(handled=handled)
            self.run = await self._write(written, run, households[0].site)
        else:
            self.run = self.run.having(handled=handled)
        return part

    async def _write(self, written: Written, run: RosterRun, site: str) -> RosterRun:
        save: list[Aggregate] = [*written.save, run.having(touched_at=datetime.now(UTC))]
        refs: list[Ref[Aggregate]] = [Ref(type(each), each.id) for each in save]

        def write(found: Found) -> Change[RosterRun]:
            for ref, fresh in zip(refs, save, strict=True):
                there = found.get(ref)
                version = 0 if there is None else there.version
                if version != fresh.version:
                    raise stale(fresh.version, version)
            return Change(run.having(version=run.version + 1), save, written.events, site)

        store = self._context.store

        async def work() -> RosterRun:
            done = await store.update(refs, write)
            await follow(store, written.moved)
            await follow_to_school(store, written.schools)
            await look(self._context.desk, written.regrouped)
            return done

        return await store.database.transact(work)

    async def _stored(self, roster: Roster, households: Sequence[Household]) -> Stored:
        """Read what there is of the children of a slice."""
        store = self._context.store
        keys = {
            self._sis_key(row.source_id): row.source_id
            for home in households
            for _, row in home.students
        }
        query = {"sis_key": {"$in": list(keys)}}
        students = {
            keys[each.sis_key]: each async for each in store.find(Student, query) if each.sis_key
        }
        ids = sorted({each.family for each in students.values()} | names_for(households))
        families = {each.id: each async for each in store.find(Family, {"_id": {"$in": ids}})}
        others = {"family": {"$in": ids}, "enrolment": _ATTENDING}
        wider = {
            str(row["family"])
            async for row in store.collection(Student).find(others, {"family": 1, "sis_key": 1})
            if not roster.tables.has_key(row.get("sis_key") or "")
        }
        return Stored(students, families, frozenset(wider))

    def _refuse(self, roster: Roster, part: Slice) -> None:
        """List the rows whose id is that of a child at another school, naming both."""
        for each in part.collisions:
            here, there = (
                f"{self._context.sites.get(site).name} ({site})"
                for site in (each.roster_site, each.known_site)
            )
            roster.roles.refuse(
                roster.log,
                each.source_id,
                f"The roster has this child at {here}; a child with the same id attends {there}.",
                "If the child has changed schools, enter that as a transfer in a roll-over, or "
                "take in the other school's new roster first. If it is another child, give each "
                "an id of their own in the school system.",
            )

    async def _repeated(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do a slice again where somebody changed one of its records meanwhile."""
        for left in range(_TRIES - 1, -1, -1):
            try:
                return await work()
            except DuplicateKeyError:
                if not left:
                    raise
            except EnlaceError as error:
                if error.kind is not Kind.STALE or not left:
                    raise
                await self._refresh()
        raise AssertionError("the last try returns or raises")

    async def _refresh(self) -> None:
        known = await self._context.store.get(RosterRun, self.run.id)
        if known is not None:
            self.run = self.run.having(version=known.version)

    async def _note(self, **changes: object) -> None:
        """Record how far it is."""
        run = self.run.having(**changes, touched_at=datetime.now(UTC))
        ref = Ref(RosterRun, run.id)

        def note(found: Found) -> Change[RosterRun]:
            known = found.get(ref)
            current = run.having(version=0 if known is None else known.version)
            return Change(current.having(version=current.version + 1), [current])

        self.run = await self._context.store.update([ref], note)

    def _report(self, roster: Roster, gone: Sequence[str]) -> RosterReport:
        totals, site = self._totals, self._order.scope.site
        return RosterReport(
            run=self.run.id,
            dry_run=self.run.preview,
            site=site,
            students=totals.students,
            families=totals.families,
            contacts=totals.contacts,
            added=tuple(totals.added),
            changed=tuple(totals.changed),
            withdrawn=tuple(gone),
            returned=totals.returned,
            ended=roster.tables.ended_before(self._today()),
            collisions=totals.collisions,
            bad_rows=roster.log.count(),
            problems=tuple(
                ToldProblem.of(each, in_spanish) for each in roster.log.problems_found(MOST_SHOWN)
            ),
            ignored=roster.log.ignored,
            dropped=roster.log.dropped,
        )

    def _today(self) -> date:
        return local_date(self._context.clock.now(), self._context.settings.zone)

    def _sis_key(self, source_id: str) -> str:
        return self._context.sis_key(source_id) or ""


def _groups(ids: Sequence[str], size: int) -> list[Sequence[str]]:
    return [ids[start : start + size] for start in range(0, len(ids), size)]
