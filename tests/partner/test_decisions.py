"""Offers, answers and outcomes as pure decisions: given what is known, when, then."""

from datetime import date, timedelta

import pytest

from contracts.agencies import AgreementChanged
from contracts.categories import WITHHELD, Category
from contracts.codes import AgreementStatus, CapacityUnit, DeclineReason, Progress, RefusalReason
from contracts.offerings import OfferDeclined, OfferingExpired
from services.chassis.errors import EnlaceError
from services.chassis.needs import SHIPPED_NEEDS
from services.partner.model import answers, outcomes, passing, progress
from services.partner.model.agreement import tick
from services.partner.model.board import Board, MissingError
from services.partner.model.offering import ClaimState, OfferState
from services.partner.model.opening import Asked, Round, open_round
from tests.partner.build import (
    DONE,
    NOW,
    SITE,
    SMILES,
    TOOTH_BUS,
    Table,
    a_round,
    agency,
    agreement,
    asked,
    capacity,
    service,
)

LATER = NOW + timedelta(hours=1)


def opened(table: Table, *who: Asked, wish: Round | None = None) -> list[str]:
    board = table.board()
    open_round(board, wish or a_round(), who or (asked(), asked(TOOTH_BUS)), table.at())
    return table.keep(board)


def claimed(table: Table) -> list[str]:
    board = table.board()
    answers.claim(board, "ref-1", table.offer_of(), "c1", NOW)
    return table.keep(board)


class TestOpening:
    def test_every_candidate_gets_an_offer_of_its_own(self) -> None:
        table = Table()
        assert opened(table) == ["OfferingOpened"]
        offers = table.offering().offers
        assert {each.service for each in offers} == {"svc-smiles", "svc-bus"}
        assert len({each.nonce for each in offers}) == 2
        assert {each.answer_by for each in offers} == {NOW + timedelta(days=2)}
        assert table.offering().next_due == NOW + timedelta(days=1), "who is silent is reminded"

    def test_the_same_round_again_changes_nothing(self) -> None:
        table = Table()
        opened(table)
        assert opened(table) == []

    @pytest.mark.parametrize(
        ("candidate", "reason"),
        [
            (asked(service=None), DeclineReason.SERVICE_NOT_PROVIDED),
            (asked(service=service(retired=True)), DeclineReason.SERVICE_NOT_PROVIDED),
            (asked(service=service(TOOTH_BUS)), DeclineReason.SERVICE_NOT_PROVIDED),
            (asked(service=service(sites=("site-09",))), DeclineReason.OUT_OF_AREA),
            (asked(agency=None), DeclineReason.OTHER),
            (asked(agency=agency(retired=True)), DeclineReason.OTHER),
            (asked(agency=agency(contacts=())), DeclineReason.OTHER),
            (asked(agreements=()), DeclineReason.OTHER),
            (asked(agreements=(agreement(sites=("site-09",)),)), DeclineReason.OTHER),
            (asked(agreements=(agreement(until=date(2026, 10, 12)),)), DeclineReason.OTHER),
            (asked(agreements=(agreement(starts=date(2026, 10, 14)),)), DeclineReason.OTHER),
            (asked(agreements=(agreement(status=AgreementStatus.DRAFT),)), DeclineReason.OTHER),
        ],
    )
    def test_who_cannot_be_asked_declines_with_the_reason(
        self, candidate: Asked, reason: DeclineReason
    ) -> None:
        table = Table()
        assert opened(table, candidate, asked(TOOTH_BUS)) == ["OfferingOpened", "OfferDeclined"]
        told = table.told[-1]
        assert isinstance(told, OfferDeclined)
        assert (told.reason, told.last) == (reason, False)

    def test_a_newer_round_closes_what_was_open(self) -> None:
        table = Table()
        opened(table)
        told = opened(table, asked(TOOTH_BUS), wish=a_round(round=2))
        assert told == ["OfferWithdrawn", "OfferWithdrawn", "OfferingOpened"]
        states = [each.state for each in table.offering().offers]
        assert states == [OfferState.WITHDRAWN, OfferState.WITHDRAWN, OfferState.OPEN]


class TestClaims:
    def test_a_claim_holds_its_seat_and_closes_the_other_offers(self) -> None:
        table = Table(capacity(1))
        opened(table)
        assert claimed(table) == ["OfferClaimed", "OfferWithdrawn", "PartnerCapacityChanged"]
        assert table.seats().available == 0
        assert table.offering().next_due is None

    def test_an_agency_that_never_told_its_seats_is_taken_at_its_word(self) -> None:
        table = Table()
        opened(table)
        assert claimed(table) == ["OfferClaimed", "OfferWithdrawn"]

    def test_who_waits_elsewhere_leaves_that_waitlist(self) -> None:
        table = Table(capacity(1), capacity(0, TOOTH_BUS))
        opened(table)
        board = table.board()
        answers.wait(board, "ref-1", table.offer_of(TOOTH_BUS), NOW)
        table.keep(board)
        assert len(table.seats(TOOTH_BUS).waitlist) == 1
        claimed(table)
        assert table.seats(TOOTH_BUS).waitlist == ()
        assert table.offering().offers[1].state is OfferState.TAKEN

    def test_nobody_waits_where_a_seat_is_free(self) -> None:
        table = Table(capacity(1))
        opened(table)
        with pytest.raises(EnlaceError, match="seat-free"):
            answers.wait(table.board(), "ref-1", table.offer_of(), NOW)

    def test_what_was_not_loaded_is_asked_for(self) -> None:
        with pytest.raises(MissingError) as missing:
            answers.claim(Board({}), "ref-1", "offer", "c1", NOW)
        assert missing.value.refs[0].id == "ref-1"


class TestOutcomes:
    def test_an_accepted_claim_uses_its_seat_once(self) -> None:
        table = Table(capacity(2))
        opened(table)
        claimed(table)
        for expected in (["PartnerCapacityChanged"], []):
            board = table.board()
            outcomes.accept(board, "ref-1", "c1", NOW)
            assert table.keep(board) == expected
        assert (len(table.seats().holds), len(table.seats().used)) == (0, 1)

    def test_a_late_acceptance_of_a_refused_claim_changes_nothing(self) -> None:
        table = Table(capacity(1))
        opened(table)
        claimed(table)
        board = table.board()
        outcomes.refuse(board, "ref-1", "c1", RefusalReason.OLDER_ROUND, table.at())
        assert table.keep(board) == ["OfferWithdrawn", "PartnerCapacityChanged"]
        board = table.board()
        outcomes.accept(board, "ref-1", "c1", NOW)
        assert table.keep(board) == []
        assert table.seats().available == 1
        refused = table.offering("ref-1").claim("c1")
        assert refused is not None
        assert refused.state is ClaimState.REFUSED

    def test_a_refused_claims_seat_goes_to_who_waits(self) -> None:
        table = Table(capacity(1))
        opened(table)
        claimed(table)
        opened(table, asked(), wish=a_round("ref-2"))
        board = table.board()
        answers.wait(board, "ref-2", table.offer_of(SMILES, "ref-2"), LATER)
        table.keep(board)
        board = table.board()
        outcomes.refuse(board, "ref-1", "c1", RefusalReason.CANCELLED, table.at(LATER))
        assert "OfferPromoted" in table.keep(board)
        assert (table.seats().available, len(table.seats().holds)) == (0, 1)
        ((standing, _),) = table.offering("ref-2").standing
        assert standing.state is ClaimState.PENDING

    def test_one_who_waits_and_is_cancelled_leaves_the_line(self) -> None:
        table = Table(capacity(0))
        opened(table, asked())
        board = table.board()
        answers.wait(board, "ref-1", table.offer_of(), NOW)
        table.keep(board)
        board = table.board()
        outcomes.cancel(board, "ref-1", table.at())
        assert table.keep(board) == ["OfferWithdrawn", "PartnerCapacityChanged"]
        assert table.seats().waitlist == ()

    @pytest.mark.parametrize(
        ("unit", "available"), [(CapacityUnit.SEATS, 1), (CapacityUnit.ONE_TIME, 0)]
    )
    def test_the_end_of_help_frees_a_seat_and_not_a_thing(
        self, unit: CapacityUnit, available: int
    ) -> None:
        table = Table(capacity(1, unit=unit))
        opened(table)
        claimed(table)
        board = table.board()
        outcomes.accept(board, "ref-1", "c1", NOW)
        table.keep(board)
        for _ in range(2):
            board = table.board()
            outcomes.end(board, "ref-1", "c1", DONE, table.at())
            table.keep(board)
        assert table.seats().available == available

    def test_an_offer_expires_once_and_one_who_waits_goes_on_waiting(self) -> None:
        table = Table(capacity(0))
        opened(table)
        board = table.board()
        answers.wait(board, "ref-1", table.offer_of(), NOW)
        table.keep(board)
        late = NOW + timedelta(days=2)
        board = table.board()
        passing.tick(board, "ref-1", late)
        table.keep(board)
        assert isinstance(table.told[-1], OfferingExpired)
        states = [each.state for each in table.offering().offers]
        assert states == [OfferState.WAITLISTED, OfferState.EXPIRED]
        board = table.board()
        passing.tick(board, "ref-1", late)
        assert table.keep(board) == []

    def test_a_changed_appointment_is_no_step_back(self) -> None:
        table = Table(capacity(1))
        opened(table)
        claimed(table)
        board = table.board()
        outcomes.accept(board, "ref-1", "c1", NOW)
        table.keep(board)
        for said in (
            progress.Report(Progress.STARTED),
            progress.Report(Progress.SCHEDULED, LATER),
        ):
            board = table.board()
            progress.report(board, "ref-1", table.offer_of(), said, NOW)
            assert table.keep(board) == ["ProgressReported"]
        assert table.offering().offers[0].state is OfferState.IN_PROGRESS

        for late in (progress.Report(Progress.STARTED), progress.Report(Progress.SCHEDULED, LATER)):
            board = table.board()
            progress.report(board, "ref-1", table.offer_of(), late, NOW)
            assert table.keep(board) == [], "a repeat that comes late says nothing new"


@pytest.mark.parametrize(
    ("today", "stated", "status"),
    [
        ("2027-04-30", AgreementStatus.ACTIVE, AgreementStatus.ACTIVE),
        ("2027-05-01", AgreementStatus.ACTIVE, AgreementStatus.EXPIRING),
        ("2027-06-30", AgreementStatus.EXPIRING, AgreementStatus.EXPIRING),
        ("2027-07-01", AgreementStatus.EXPIRING, AgreementStatus.EXPIRED),
        ("2027-07-01", AgreementStatus.DRAFT, AgreementStatus.DRAFT),
        ("2027-05-01", AgreementStatus.ENDED, AgreementStatus.ENDED),
    ],
)
def test_an_agreement_shows_what_its_last_day_makes_of_it(
    today: str, stated: AgreementStatus, status: AgreementStatus
) -> None:
    noon = NOW.replace(year=int(today[:4]), month=int(today[5:7]), day=int(today[8:]), hour=19)
    known = agreement(status=stated)
    change = tick(known, noon)
    (after,) = change.save
    assert getattr(after, "status", None) is status
    told = [each for each in change.events if isinstance(each, AgreementChanged)]
    assert bool(told) is (status is not stated)
    assert known.covers(SITE, noon) is (
        status in {AgreementStatus.ACTIVE, AgreementStatus.EXPIRING}
    )


def test_a_service_of_a_restricted_kind_is_not_named_on_topics() -> None:
    told = service(category=Category.DOMESTIC_VIOLENCE, name="Safe nights").event(SHIPPED_NEEDS)
    assert (told.category, told.name) == (WITHHELD, WITHHELD.value)
    assert service(name="Check-ups").event(SHIPPED_NEEDS).name == "Check-ups"
