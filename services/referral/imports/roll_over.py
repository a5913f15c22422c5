"""Carries the August roll-over out: in slices, each once, so that an interrupted one goes on."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from services.chassis.errors import EnlaceError, Kind, stale, unknown
from services.chassis.grades import place_of
from services.chassis.sites import Sites
from services.chassis.store import Change, Found, Ref
from services.referral.api.context import Context
from services.referral.handlers.schools import follow_to_school
from services.referral.model.follow_up import local_date
from services.referral.model.people import Enrolment, Student, StudentRecord
from services.referral.model.referral import OPEN, Referral
from services.referral.model.roll_over import (
    Outcome,
    RollOver,
    RollOverState,
    SchoolSpan,
    Step,
    Summary,
    Wish,
    outcome,
)

SLICE = 250
_TRIES = 5
_ATTENDING = {"$nin": [each.value for each in Enrolment if each is not Enrolment.ENROLLED]}
_LEFT_ALONE = frozenset({Step.UNCLEAR, Step.DONE_BEFORE, Step.UNTOUCHED})
_LEAVING = {Step.MOVED_ON: Enrolment.MOVED_ON, Step.GRADUATED: Enrolment.GRADUATED}


@dataclass(frozen=True, slots=True)
class _Child:
    student: Student
    record: StudentRecord
    outcome: Outcome


async def look(context: Context, wish: RollOver) -> RollOver:
    """Return a roll-over with what it would do; nothing is written."""
    summary, moving = Summary(), 0
    async for group in _groups(context, wish):
        for each in group:
            summary.add(each.student.id, each.student.site, each.record.grade, each.outcome)
        ids = [each.student.id for each in group if each.outcome.site is not None]
        query = {"student": {"$in": ids}, "state": {"$in": sorted(each.value for each in OPEN)}}
        if ids:
            moving += await context.store.collection(Referral).count_documents(query)
    return wish.having(
        mark=summary.mark(context.secret),
        counts=dict(summary.counts),
        grades=dict(sorted(summary.grades.items())),
        lists={step: tuple(ids) for step, ids in summary.lists.items()},
        open_referrals=moving,
    )


async def attending(context: Context, sites: Sequence[str], ids: Sequence[str]) -> set[str]:
    """Return those of these children who attend one of these schools."""
    there = {"_id": {"$in": list(ids)}, "site": {"$in": list(sites)}, "enrolment": _ATTENDING}
    rows = context.store.collection(Student).find({**there, "erased_at": None}, {"_id": 1})
    return {str(row["_id"]) async for row in rows}


async def carry_out(context: Context, id: str, *, by: str, expected: int) -> RollOver:
    """Do what a preview showed; one that is done is done.

    Raises:
        EnlaceError: the children are not what it showed, or it has changed since.
    """
    ref = Ref(RollOver, id)
    known = await context.store.get(RollOver, id)
    if known is None:
        raise unknown("roll-over")
    if known.state is RollOverState.APPLIED:
        return known
    mark = (await look(context, known)).mark
    today = local_date(context.clock.now(), context.settings.zone)

    def begin(found: Found) -> Change[RollOver]:
        current = found.get(ref) or known
        if current.state is RollOverState.PREVIEWED and current.version != expected:
            raise stale(expected, current.version)
        begun = current.begin(mark, by, today)
        return Change(begun.having(version=current.version + 1), [begun])

    run = await context.store.update([ref], begin)
    async for group in _groups(context, run):
        await _write(context, run, group)

    def end(found: Found) -> Change[RollOver]:
        current = found.get(ref) or run
        done = current.having(state=RollOverState.APPLIED, applied_at=context.clock.now())
        return Change(done.having(version=current.version + 1), [done])

    return await context.store.update([ref], end)


async def _groups(context: Context, wish: RollOver) -> AsyncIterator[list[_Child]]:
    """Yield the children who attend, in the order of their ids; the erased are left out."""
    stays = frozenset(wish.stays)
    going = {each.student: each.site for each in wish.going}
    after = ""
    while True:
        query = {
            "site": {"$in": list(wish.sites)},
            "_id": {"$gt": after},
            "enrolment": _ATTENDING,
        }
        students = [each async for each in context.store.find(Student, query, limit=SLICE)]
        if not students:
            return
        after = students[-1].id
        yield await _read(context, wish, students, stays, going)


async def _read(
    context: Context,
    wish: RollOver,
    students: Sequence[Student],
    stays: frozenset[str],
    going: dict[str, str],
) -> list[_Child]:
    texts = await context.vault.open_many([each.record for each in students])
    found = []
    for student, text in zip(students, texts, strict=True):
        if text is None:
            continue
        record = StudentRecord.model_validate_json(text)
        to_site = going.get(student.id)
        said = Wish(
            stays=student.id in stays,
            to_site=None if to_site == student.site else to_site,
            promote=wish.promote,
            done=student.rolled_for is not None and student.rolled_for >= wish.year,
        )
        what = outcome(record.grade, span_of(context.sites, student.site), said)
        found.append(_Child(student, record, what))
    return found


def span_of(sites: Sites, site: str) -> SchoolSpan:
    """Return the grades that a school is configured to have."""
    known = sites.get(site)
    if known.grades is None:
        return SchoolSpan(feeds=known.feeds)
    first, last = known.grades
    return SchoolSpan(place_of(first), place_of(last), known.feeds)


async def _write(context: Context, run: RollOver, group: Sequence[_Child]) -> None:
    """Write a slice; who has changed meanwhile is read again."""
    for left in range(_TRIES - 1, -1, -1):
        try:
            await _write_once(context, run, group)
        except EnlaceError as error:
            if error.kind is not Kind.STALE or not left:
                raise
            again = {"_id": {"$in": [each.student.id for each in group]}}
            students = [each async for each in context.store.find(Student, again)]
            stays = frozenset(run.stays)
            going = {each.student: each.site for each in run.going}
            attending = [each for each in students if each.attends and each.site in run.sites]
            group = await _read(context, run, attending, stays, going)
        else:
            return


def _rolled_for(run: RollOver, student: Student) -> int | None:
    """Return the year that a child is through with; a transfer alone ends no year."""
    return max(run.year, student.rolled_for or 0) if run.promote else student.rolled_for


async def _write_once(context: Context, run: RollOver, group: Sequence[_Child]) -> None:
    children = [each for each in group if each.outcome.step not in _LEFT_ALONE]
    if not children:
        return
    sealed = await context.vault.seal_many(
        [
            (each.student.id, each.record.model_copy(update={"grade": each.outcome.grade}))
            for each in children
            if each.outcome.grade is not None
        ]
    )
    records = iter(sealed)
    at, now = context.clock.now(), datetime.now(UTC)
    today, save = local_date(at, context.settings.zone), []
    for each in children:
        fresh = next(records) if each.outcome.grade is not None else None
        left = _LEAVING.get(each.outcome.step)
        save.append(
            each.student.at_school(each.outcome.site or each.student.site, at, now).having(
                record=fresh or each.student.record,
                enrolment=left or each.student.enrolment,
                left_on=today if left else each.student.left_on,
                rolled_for=_rolled_for(run, each.student),
            )
        )
    refs = [Ref(Student, each.id) for each in save]
    elsewhere = {each.student.id: each.outcome.site for each in children if each.outcome.site}

    def write(found: Found) -> Change[None]:
        for ref, fresh in zip(refs, save, strict=True):
            there = found.get(ref)
            version = 0 if there is None else there.version
            if version != fresh.version:
                raise stale(fresh.version, version)
        return Change(None, save)

    async def work() -> None:
        await context.store.update(refs, write)
        await follow_to_school(context.store, elsewhere)

    await context.store.database.transact(work)
