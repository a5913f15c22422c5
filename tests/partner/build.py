"""Builders for partner's tests: plainly invented, each with what the test does not care about."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from contracts.categories import Category
from contracts.codes import AgreementStatus, Channel, Language, Outcome
from contracts.referrals import Bands, Candidate
from contracts.sealed import Sealed
from services.chassis.aggregate import Ref
from services.partner.model.agency import Agency, Contact
from services.partner.model.agreement import Agreement
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Offering, OfferState
from services.partner.model.opening import Asked, Round
from services.partner.model.outcomes import End
from services.partner.model.seats import Moment
from services.partner.model.service import Service
from services.partner.model.waitlist import Waitlists

NOW = datetime(2026, 10, 13, 17, 0, tzinfo=UTC)
SITE = "site-01"
WAITLISTS = Waitlists()
DONE = End(OfferState.COMPLETED, Outcome.NEED_MET)
FAILED = End(OfferState.FAILED, Outcome.COULD_NOT_CONTACT)
SMILES = Candidate(service="svc-smiles", agency="agy-smiles")
TOOTH_BUS = Candidate(service="svc-bus", agency="agy-bus")


def agency(candidate: Candidate = SMILES, **changes: Any) -> Agency:
    """Return an agency with one person who reads email."""
    contact = Contact(
        id=f"con-{candidate.agency}",
        reads=Language.ENGLISH,
        channels=(Channel.EMAIL,),
        profile=Sealed("QUJD"),
    )
    return Agency(**{"id": candidate.agency, "name": "Smiles", "contacts": (contact,), **changes})


def service(candidate: Candidate = SMILES, **changes: Any) -> Service:
    """Return a dental service for every school."""
    fields: dict[str, Any] = {
        "id": candidate.service,
        "agency": candidate.agency,
        "name": "Check-ups",
        "category": Category.DENTAL,
    }
    return Service(**{**fields, **changes})


def agreement(candidate: Candidate = SMILES, **changes: Any) -> Agreement:
    """Return an agreement that covers the school for this school year."""
    fields: dict[str, Any] = {
        "id": f"mou-{candidate.agency}",
        "agency": candidate.agency,
        "status": AgreementStatus.ACTIVE,
        "sites": (SITE,),
        "starts": date(2026, 8, 1),
        "until": date(2027, 6, 30),
        "zone": "America/Los_Angeles",
    }
    return Agreement(**{**fields, **changes})


def asked(candidate: Candidate = SMILES, **changes: Any) -> Asked:
    """Return a candidate that can be asked."""
    fields: dict[str, Any] = {
        "candidate": candidate,
        "service": service(candidate),
        "agency": agency(candidate),
        "agreements": (agreement(candidate),),
    }
    return Asked(**{**fields, **changes})


def capacity(available: int = 1, candidate: Candidate = SMILES, **changes: Any) -> Capacity:
    """Return seats as reported once, in version 1."""
    empty = Capacity(
        id=f"{candidate.service}@{SITE}",
        service=candidate.service,
        agency=candidate.agency,
        site=SITE,
        category=Category.DENTAL,
        as_of=NOW,
    )
    told = empty.report(available=available, maximum=max(available, 1), seen=0, now=NOW)
    return told.having(**{"version": 1, **changes})


def a_round(referral: str = "ref-1", round: int = 1, **changes: Any) -> Round:
    """Return a round to which Smiles and the Tooth Bus are asked."""
    fields: dict[str, Any] = {
        "referral": referral,
        "round": round,
        "site": SITE,
        "category": Category.DENTAL,
        "bands": Bands(age="7-9", language="es"),
        "priority": 3,
        "candidates": (SMILES, TOOTH_BUS),
        "answer_by": NOW + timedelta(days=2),
        "meant": NOW,
    }
    return Round(**{**fields, **changes})


class Table:
    """Keeps offerings and seats between decisions, as a store would."""

    def __init__(self, *known: Offering | Capacity) -> None:
        self.known: dict[str, Offering | Capacity] = {each.id: each for each in known}
        self.told: list[Any] = []
        self.signed: list[Agreement] = [agreement()]
        self._ids = count(1)

    def new_id(self) -> str:
        return f"id-{next(self._ids)}"

    def at(self, moment: datetime = NOW) -> Moment:
        return Moment(moment, self.new_id, WAITLISTS)

    def board(self) -> "Recording":
        return Recording(self)

    def offering(self, id: str = "ref-1") -> Offering:
        found = self.known[id]
        assert isinstance(found, Offering)
        return found

    def seats(self, candidate: Candidate = SMILES) -> Capacity:
        found = self.known[f"{candidate.service}@{SITE}"]
        assert isinstance(found, Capacity)
        return found

    def offer_of(self, candidate: Candidate = SMILES, referral: str = "ref-1") -> str:
        offers = [x for x in self.offering(referral).offers if x.service == candidate.service]
        return offers[-1].id

    def keep(self, board: Board) -> list[str]:
        """Save what a decision changed; return the types of what it told."""
        for each in board.save:
            assert isinstance(each, Offering | Capacity)
            self.known[each.id] = each.having(version=each.version + 1)
        self.told += board.events
        return [type(each).__name__ for each in board.events]


class Recording(Board):
    """A board on which everything that the table knows is loaded."""

    def __init__(self, table: Table) -> None:
        super().__init__({})
        self._table = table

    def need(self, refs: Sequence[Ref[Any]]) -> None:
        for ref in refs:
            self._loaded.setdefault(ref, self._table.known.get(ref.id))

    def agreements(self, agency: str) -> Sequence[Agreement]:
        return [each for each in self._table.signed if each.agency == agency]
