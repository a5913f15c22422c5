"""Offers: opened by referral's events, answered by agencies, closed by time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar

from contracts.codes import LinkPurpose
from contracts.consents import FamilyErased
from services.chassis.clock import Clock
from services.chassis.ids import new_id
from services.chassis.links import derive_token, hash_token
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.partner.handlers.moments import Moments
from services.partner.model import answers, by_hand, identity, passing, progress, withdrawing
from services.partner.model.agency import Agency
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Claim, Offer, Offering
from services.partner.model.opening import Asked, Round, open_round
from services.partner.model.service import Service
from services.partner.model.unmatched import Unmatched
from services.partner.store import AgencyLink, agreements_of, by_id, decide

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Links:
    """How agencies' links are made, and how long they work."""

    key: bytes
    lifetime: timedelta


async def open_offering(
    store: Store,
    wish: Round,
    links: Links,
    moments: Moments,
) -> Sequence[Offer]:
    """Open a round: offers, and the links by which they are answered; returns the offers."""
    services = await by_id(store, Service, [each.service for each in wish.candidates])
    agencies = await by_id(store, Agency, [each.agency for each in wish.candidates])
    agreements = await agreements_of(store, agencies)
    asked = [
        Asked(
            candidate=each,
            service=services.get(each.service),
            agency=agencies.get(each.agency),
            agreements=agreements.get(each.agency, ()),
        )
        for each in wish.candidates
    ]
    at = moments.now()

    def linked(going: tuple[Offer, ...]) -> Sequence[AgencyLink]:
        return [
            link_to(wish.referral, offer, links.key, at.now + links.lifetime)
            for offer in going
            if offer.contact
        ]

    return await decide(
        store,
        [Ref(Offering, wish.referral)],
        lambda board: open_round(board, wish, asked, at),
        also=linked,
    )


def link_to(referral: str, offer: Offer, link_key: bytes, expires: datetime) -> AgencyLink:
    """Return the link by which an offer is answered."""
    token = derive_token(
        link_key,
        purpose=LinkPurpose.AGENCY_ANSWER,
        subject=offer.id,
        recipient=offer.contact,
        nonce=offer.nonce,
    )
    return AgencyLink(
        id=hash_token(token),
        referral=referral,
        offer=offer.id,
        agency=offer.agency,
        contact=offer.contact,
        expires=expires,
    )


async def on_offering(store: Store, referral: str, decision: Callable[[Board], R]) -> R:
    """Run a decision on one offering and the seats it turns out to need."""
    return await decide(store, [Ref(Offering, referral)], decision)


async def claim(store: Store, offering: Offering, offer: Offer, clock: Clock) -> None:
    """Take the child, with a seat; see `answers.claim`.

    Raises:
        EnlaceError: somebody else was first, no seat is free, or the offer is closed.
    """
    claim_id = new_id()
    refs: list[Ref[Any]] = [Ref(Offering, offering.id), Ref(Capacity, offering.seats_of(offer))]
    await decide(
        store,
        refs,
        lambda board: answers.claim(board, offering.id, offer.id, claim_id, clock.now()),
    )


async def decline(store: Store, referral: str, offer: str, no: answers.No, clock: Clock) -> None:
    """Say no; see `answers.decline`.

    Raises:
        EnlaceError: the offer is closed.
    """
    await on_offering(
        store,
        referral,
        lambda board: answers.decline(board, referral, offer, no, clock.now()),
    )


async def withdraw(
    store: Store, referral: str, offer: str, clock: Clock, check: Callable[[int], None]
) -> None:
    """Withdraw one agency's offer; `check` is given the offering's version where it changes.

    Raises:
        EnlaceError: it is taken or closed, or has changed since it was seen.
    """

    def run(board: Board) -> None:
        before = board.offering(referral)
        withdrawing.withdraw_one(board, referral, offer, clock.now())
        if before is not None and board.save:
            check(before.version)

    await on_offering(store, referral, run)


async def contest(store: Store, referral: str, offer: str, clock: Clock) -> None:
    """Say that a recorded answer is not the agency's; see `by_hand.contest`.

    Raises:
        EnlaceError: nothing was recorded by hand.
    """
    await on_offering(
        store, referral, lambda board: by_hand.contest(board, referral, offer, clock.now())
    )


async def wait(store: Store, referral: str, offer: str, clock: Clock) -> None:
    """Put the child on the waitlist; see `answers.wait`.

    Raises:
        EnlaceError: a seat is free, or the offer is closed.
    """
    await on_offering(
        store, referral, lambda board: answers.wait(board, referral, offer, clock.now())
    )


async def report_progress(
    store: Store, referral: str, offer: str, said: progress.Report, clock: Clock
) -> None:
    """Tell how it goes; see `progress.report`.

    Raises:
        EnlaceError: the agency does not have the child, or its help has ended.
    """
    await on_offering(
        store,
        referral,
        lambda board: progress.report(board, referral, offer, said, clock.now()),
    )


async def request_code(
    store: Store, referral: str, offer: str, lifetime: timedelta, clock: Clock
) -> datetime:
    """Have a one-time code sent; returns until when it works.

    Raises:
        EnlaceError: the claim is not confirmed, or too many codes were asked for.
    """
    nonce = new_id()

    def ask(board: Board) -> datetime:
        mine = answers.find(board, referral, offer)
        code = identity.request_code(board, mine, nonce, lifetime, clock.now())
        return code.expires

    return await on_offering(store, referral, ask)


async def check_code(
    store: Store,
    referral: str,
    offer: str,
    right: Callable[[str], bool],
    clock: Clock,
    *,
    tries: int,
) -> tuple[identity.Verdict, Claim]:
    """Spend a one-time code; a wrong try is counted.

    Raises:
        EnlaceError: there is no confirmed claim or no code.
    """

    def check(board: Board) -> tuple[identity.Verdict, Claim]:
        mine = answers.find(board, referral, offer)
        return identity.check_code(board, mine, right, tries, clock.now())

    return await on_offering(store, referral, check)


def tick(offering: Offering, now: datetime) -> Change[None]:
    """Let time pass for an offering, for the sweep."""
    board = Board({Ref(Offering, offering.id): offering})
    passing.tick(board, offering.id, now)
    return Change(None, board.save, board.events, offering.site)


async def forget_family(store: Store, event: FamilyErased) -> None:
    """Drop what agencies wrote about a family's children, and what was missing for them.

    What was decided stays, for the totals.

    An agency's words lie under the agency's own key, which an erasure of the family leaves alone.
    """
    refs = [Ref(Offering, each) for each in event.referrals]
    unmatched = [Ref(Unmatched, each) for each in event.referrals]

    def forget(found: Found) -> Change[None]:
        saved: list[Aggregate] = []
        for ref in refs:
            known = found.get(ref)
            if known is not None and any(each.has_words for each in known.offers):
                wordless = [each.wordless() for each in known.offers]
                saved.append(known.having(offers=tuple(wordless)))
        for missed in unmatched:
            lacking = found.get(missed)
            if lacking is not None and lacking.missing:
                saved.append(lacking.having(missing=()))
        return Change(None, saved)

    await store.update([*refs, *unmatched], forget)
