"""Referrals: written down, and moved on by commands, claims and time."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from contracts.codes import Audience
from contracts.event import Event
from contracts.referral_marks import ReferralMarked
from contracts.referrals import Candidate, ReferralCreated
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.audience import followed
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.categories import need_open
from services.referral.model.consent import ConsentBook
from services.referral.model.decide import decide
from services.referral.model.decide.common import as_stored_now
from services.referral.model.decide.planning import on_created
from services.referral.model.doubt import in_doubt, refused, undoubted
from services.referral.model.evolve import evolve_all, settled
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.store import has_answered


async def put_referral(desk: Desk, referral: Referral) -> Referral:
    """Write a need down.

    Who may be told follows from the consent that covers it now.

    Raises:
        EnlaceError: no such student, a need that the district has not or takes no more, or the id
            was used with another body.
    """
    ref = Ref(Referral, referral.id)
    person = Ref(Student, referral.student)
    book_ref = Ref(ConsentBook, referral.student)

    def create(found: Found) -> Change[Referral]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, referral.fingerprint)
            return Change(known)
        if found.get(person) is None:
            raise unknown("student")
        need_open(desk.rules().needs, referral.category)
        book = found.get(book_ref)
        today = local_date(referral.created_at, referral.zone)
        audience = book.audience(referral.category, today) if book else Audience.NOBODY
        now, rules = desk.clock.now(), desk.rules()
        begun = on_created(referral, now, rules)
        fresh = evolve_all(referral.having(audience=audience), begun, now)
        # A need that the student confides at the same instant must find this draft.
        held = [book] if book and audience is Audience.GUARDIAN else []
        marks = [ReferralMarked(referral=fresh.id, marks=fresh.marks)] if fresh.marks else []
        told: list[Event] = [_created(fresh, rules), *marks, *begun]
        return Change(fresh.having(version=1), [*held, fresh], told, fresh.site)

    return await desk.store.update([ref, person, book_ref], create)


def _created(referral: Referral, rules: Rules) -> ReferralCreated:
    return ReferralCreated(
        referral=referral.id,
        student=referral.student,
        family=referral.family,
        site=referral.site,
        category=rules.on_topics(referral.category),
        urgency=referral.urgency,
        audience=referral.audience,
        coordinator=referral.coordinator,
        nonce=referral.nonce,
        re_referral_of=referral.re_referral_of,
    )


async def command(
    desk: Desk, referral: str, wish: commands.Command, *, expected: int | None = None
) -> Referral:
    """Run a command on a referral; `expected` is the version that the caller saw.

    A command whose effect already holds succeeds whatever version was seen.

    Raises:
        EnlaceError: no such referral, a rule says no, or it has changed since.
    """
    if isinstance(wish, _ASKING):
        return await _asking(desk, referral, wish, expected)
    ref = Ref(Referral, referral)

    def run(found: Found) -> Change[Referral]:
        known = found.get(ref)
        if known is None:
            raise unknown("referral")
        return _result(desk, known, wish, desk.clock.now(), expected)

    return await desk.store.update([ref], run)


_ASKING = (
    commands.Offer,
    commands.Request,
    commands.AskMore,
    commands.WithdrawOffer,
    commands.DropWave,
    commands.Expire,
    commands.Recall,
)
"""After which an agency is asked that was not before, or none is any more."""


async def _asking(
    desk: Desk, referral: str, wish: commands.Command, expected: int | None
) -> Referral:
    """Run a command that begins or ends the asking: who may be told follows the consents of now.

    Raises:
        EnlaceError: as `command`; or somebody new would be told on consents that are in doubt.
    """
    known = await desk.store.get(Referral, referral)
    if known is None:
        raise unknown("referral")
    ref, book_ref = Ref(Referral, referral), Ref(ConsentBook, known.student)
    home = Ref(Family, known.family)

    def run(found: Found) -> Change[Referral]:
        before, book = found.get(ref), found.get(book_ref)
        if before is None:
            raise unknown("referral")
        now = desk.clock.now()
        first = followed(desk, book, before, now)
        current = evolve_all(before, first, now)
        events = decide(current, wish, now, desk.rules())
        if not events:
            return Change(before)
        if expected is not None:
            check_version(expected, before.version)
        if book is not None and isinstance(wish, _TELLING):
            _need_firm(book, found.get(home), current, wish, now)
        after = evolve_all(current, events, now)
        last = followed(desk, book, after, now)
        after = evolve_all(after, last, now)
        # The consents as they are: what is confided at the same instant finds this, or is found.
        held = [book] if book else []
        shown = after.having(version=before.version + 1)
        return Change(shown, [*held, after], [*first, *events, *last], before.site)

    return await desk.store.update([ref, book_ref, home], run)


_Telling = commands.Offer | commands.Request | commands.AskMore
_TELLING = (commands.Offer, commands.Request, commands.AskMore)


def _need_firm(
    book: ConsentBook, family: Family | None, referral: Referral, wish: _Telling, now: datetime
) -> None:
    """Let agencies be told on consents that are in doubt neither now nor when they are told.

    Raises:
        EnlaceError: every one that stands then is.
    """
    later = wish.opens_at if isinstance(wish, commands.AskMore) else None
    for at in (now, later or now):
        if in_doubt(book, family, referral, local_date(at, referral.zone)):
            raise refused()


async def is_acted_on(desk: Desk, referral: Referral) -> bool:
    """Tell whether an agency has answered since it was sent; a claim is seen again in `decide`."""
    return await has_answered(desk.store, referral.id, referral.since)


def _result(
    desk: Desk, known: Referral, wish: commands.Command, now: datetime, expected: int | None = None
) -> Change[Referral]:
    events = decide(known, wish, now, desk.rules())
    if not events:
        return Change(known)
    if expected is not None:
        check_version(expected, known.version)
    after = evolve_all(known, events, now)
    return Change(after.having(version=known.version + 1), [after], events, known.site)


def changed(desk: Desk, known: Referral, wish: commands.Command, now: datetime) -> Change[None]:
    """Return what a command does, for a transaction that reads more than the referral."""
    change = _result(desk, known, wish, now)
    return Change(None, change.save, change.events, change.site)


def standing_on(book: ConsentBook, change: Change[None]) -> Change[None]:
    """Return a change that holds only on a consent, so that no revocation slips in beside it.

    It writes the consents as they are: of two changes at the same instant one then runs again.
    """
    return replace(change, save=[book, *change.save]) if change.events else change


def tick(desk: Desk, known: Referral, now: datetime) -> Change[None]:
    """Let time pass for a referral, for the sweep; one of an earlier build gets its due time."""
    current = as_stored_now(known, desk.rules())
    change = changed(desk, current, commands.Tick(), now)
    if change.save:
        return change
    after = settled(current)
    return Change(None, [] if after == known else [after])


async def wake_forgotten(desk: Desk) -> None:
    """Give each hold that an earlier build stored its time of waking: no sweep finds it without."""
    forgotten: dict[str, Any] = {"held_until": {"$type": "string"}, "wakes_at": None}
    found = desk.store.collection(Referral).find(forgotten, {"_id": 1})
    for ref in [Ref(Referral, str(row["_id"])) async for row in found]:

        def wake(found: Found, ref: Ref[Referral] = ref) -> Change[None]:
            known = found.get(ref)
            after = None if known is None else as_stored_now(known, desk.rules())
            return Change(None, [] if after is None or after is known else [after])

        await desk.store.update([ref], wake)


async def claim(
    desk: Desk, referral: str, wish: Callable[[bool], commands.Claim], by: Candidate
) -> None:
    """Answer a claim once: accepted, awaiting consent, or refused.

    One that comes while everybody who consented is in doubt waits for a consent, as one without any
    does: what was offered before is taken on no weaker ground than what is offered now.

    Raises:
        EnlaceError: no such referral.
    """

    async def all_at_once() -> None:
        """Look for the household in the transaction that decides by it: a child may just move."""
        known = await desk.store.get(Referral, referral)
        if known is None:
            raise unknown("referral")
        own, book_ref = Ref(Referral, referral), Ref(ConsentBook, known.student)
        home = Ref(Family, known.family)

        def answer(found: Found) -> Change[None]:
            current, book = found.get(own), found.get(book_ref)
            if current is None:
                raise unknown("referral")
            now = desk.clock.now()
            today = local_date(now, current.zone)
            family = found.get(home)
            consent = undoubted(book, family, current, by, today) if book else None
            change = changed(desk, current, wish(consent is not None), now)
            # One that waits, too: who puts a contact right at this very instant must find it.
            return standing_on(book, change) if book else change

        await desk.store.update([own, book_ref, home], answer)

    await desk.store.database.transact(all_at_once)
