"""Which consent covers what, who may be told, and what time brings. Given, when, then."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.categories import Category
from contracts.codes import Audience, ReleasedPart
from contracts.consents import ConsentExpired, ConsentExpiring, ConsentMethod, ConsentStarted
from services.chassis.errors import EnlaceError
from services.chassis.scan import Scan, ScanKind
from services.referral.model.consent import MOST
from services.referral.model.consent_terms import Consent, Revocation, RevocationReason
from services.referral.model.rules import Rules
from tests.referral.build import NOW, REVOCATION, SEALED, TODAY, book, consent

RULES = Rules()
COUNSELING = Category.MENTAL_HEALTH
BOTH = (Category.DENTAL, COUNSELING)

mothers = consent(id="con-mother", categories=BOTH)
own = consent(id="con-own", given_by="stu-1", categories=(COUNSELING,))
ended = own.model_copy(update={"until": TODAY - timedelta(days=1)})
taken_back = own.model_copy(update={"revocation": REVOCATION})
shared = own.model_copy(update={"id": "con-shared", "guardian_may_know": True})
mistaken = own.model_copy(
    update={
        "revocation": Revocation(
            at=NOW, by=None, recorded_by="rosa", reason=RevocationReason.ENTERED_WRONGLY
        )
    }
)


@pytest.mark.parametrize(
    ("consents", "audience"),
    [
        ((), Audience.NOBODY),
        ((mothers,), Audience.GUARDIAN),
        ((own,), Audience.STUDENT),
        ((mothers, own), Audience.STUDENT),
        ((own, mothers), Audience.STUDENT),
        ((ended, mothers), Audience.NOBODY),
        ((mothers, taken_back), Audience.NOBODY),
        ((own, mothers, shared), Audience.GUARDIAN),
        ((shared,), Audience.STUDENT),
        ((shared, own, mothers), Audience.STUDENT),
        ((mistaken, mothers), Audience.GUARDIAN),
    ],
)
def test_a_need_that_a_student_confided_stays_the_students(
    consents: tuple[object, ...], audience: Audience
) -> None:
    found = book(*consents)  # type: ignore[arg-type] # built above
    assert found.audience(COUNSELING, TODAY) is audience


def test_a_confidence_on_one_need_is_none_on_another() -> None:
    assert book(mothers, own).audience(Category.DENTAL, TODAY) is Audience.GUARDIAN


changes = st.fixed_dictionaries(
    {
        "given_by": st.sampled_from(["per-mother", "per-grandmother", "stu-1"]),
        "until": st.sampled_from([TODAY - timedelta(days=1), TODAY, date(2027, 6, 30)]),
        "since": st.sampled_from([None, TODAY, TODAY + timedelta(days=9)]),
        "revocation": st.sampled_from([None, REVOCATION]),
        "categories": st.sampled_from([BOTH, (COUNSELING,), (Category.DENTAL,)]),
    }
)


@given(st.lists(changes, max_size=6))
def test_whoever_else_consents_a_guardian_is_never_told_what_a_student_confided(
    given_consents: list[dict[str, object]],
) -> None:
    others = [consent(id=f"con-{n}", **each) for n, each in enumerate(given_consents)]
    for at in range(len(others) + 1):
        found = book(*others[:at], own, *others[at:])
        assert found.audience(COUNSELING, TODAY) is Audience.STUDENT
        for audience in (Audience.STUDENT, Audience.NOBODY):
            covering = found.covering(COUNSELING, "agy-smiles", audience, TODAY)
            assert covering is not None
            assert ReleasedPart.CONTACT not in found.released(covering)


@pytest.mark.parametrize(
    ("consents", "audience", "covered_by"),
    [
        ((mothers, own), Audience.STUDENT, "con-own"),
        ((mothers, own), Audience.NOBODY, "con-own"),
        ((mothers, own), Audience.GUARDIAN, "con-mother"),
        ((mothers, taken_back), Audience.STUDENT, None),
        ((mothers, taken_back), Audience.NOBODY, None),
        ((own,), Audience.GUARDIAN, None),
        ((shared,), Audience.GUARDIAN, "con-shared"),
        ((mothers,), Audience.STUDENT, None),
        ((mothers,), Audience.NOBODY, "con-mother"),
    ],
)
def test_a_referral_lives_by_the_consent_of_those_who_may_be_told_of_it(
    consents: tuple[object, ...], audience: Audience, covered_by: str | None
) -> None:
    found = book(*consents)  # type: ignore[arg-type] # built above
    covering = found.covering(COUNSELING, "agy-smiles", audience, TODAY)
    assert (covering.id if covering else None) == covered_by


def test_an_agency_gets_no_parents_number_under_a_confidence() -> None:
    assert book(own).released(own) == (ReleasedPart.NAME,)
    assert book(mothers).released(mothers) == (ReleasedPart.NAME, ReleasedPart.CONTACT)


def at(day: date, hour: int = 12) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC) + timedelta(hours=8)


class TestTime:
    """A consent from 3 September 2026 to 30 June 2027."""

    fresh, _ = book().grant(consent(), RULES)

    def test_the_end_is_told_thirty_days_before(self) -> None:
        assert self.fresh.next_due == datetime(2027, 5, 31, 16, 0, tzinfo=UTC)
        told, events = self.fresh.tick(at(date(2027, 5, 31)), RULES)
        assert events == [
            ConsentExpiring(
                consent="con-1", family="fam-1", student="stu-1", until=date(2027, 6, 30)
            )
        ]
        assert told.next_due == datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
        assert told.tick(at(date(2027, 6, 1)), RULES)[1] == []

    def test_it_holds_on_its_last_day_and_ends_once(self) -> None:
        last, _ = self.fresh.tick(at(date(2027, 6, 30)), RULES)
        assert last.consents[0].holds(date(2027, 6, 30))
        over, events = last.tick(at(date(2027, 7, 1), hour=0), RULES)
        assert events == [ConsentExpired(consent="con-1", family="fam-1", student="stu-1")]
        assert over.next_due is None
        assert over.tick(at(date(2027, 9, 1)), RULES)[1] == []

    def test_what_ended_while_everything_was_down_is_told_as_ended_only(self) -> None:
        over, events = self.fresh.tick(at(date(2027, 8, 1)), RULES)
        assert [type(event) for event in events] == [ConsentExpired]
        assert over.next_due is None

    def test_one_for_less_than_thirty_days_ends_without_a_reminder(self) -> None:
        short, _ = book().grant(consent(until=date(2026, 9, 20)), RULES)
        assert short.next_due == datetime(2026, 9, 21, 7, 0, tzinfo=UTC)
        assert [type(e) for e in short.tick(NOW, RULES)[1]] == [ConsentExpired]

    def test_one_for_later_starts_once_on_its_first_day(self) -> None:
        later, _ = book().grant(consent(since=date(2026, 9, 10)), RULES)
        assert later.next_due == datetime(2026, 9, 10, 7, 0, tzinfo=UTC)
        started, events = later.tick(at(date(2026, 9, 10)), RULES)
        assert [type(event) for event in events] == [ConsentStarted]
        assert started.tick(at(date(2026, 9, 11)), RULES)[1] == []

    def test_one_that_was_taken_back_has_no_end_to_tell(self) -> None:
        gone, _ = self.fresh.revoke("con-1", REVOCATION, RULES)
        assert gone.next_due is None
        assert gone.tick(at(date(2027, 8, 1)), RULES)[1] == []


PAPER = Scan(
    id="scn-1",
    kind=ScanKind.PDF,
    size=9,
    key=SEALED,
    fingerprint="a",
    stored_at=NOW,
    stored_by="rosa",
)


def on_paper(**changes: Any) -> Consent:
    """Return a consent on paper, whose scan is not stored yet."""
    return consent(method=ConsentMethod.PAPER, **changes)


def test_what_was_signed_is_never_replaced() -> None:
    kept, _ = book(on_paper()).attach("con-1", PAPER, TODAY, RULES)
    again = PAPER.model_copy(update={"id": "scn-2"})
    assert kept.attach("con-1", again, TODAY, RULES) == (kept, ())
    with pytest.raises(EnlaceError, match="never replaced"):
        kept.attach("con-1", PAPER.model_copy(update={"fingerprint": "b"}), TODAY, RULES)
    with pytest.raises(EnlaceError, match="no scan to keep"):
        book(consent()).attach("con-1", PAPER, TODAY, RULES)


class TestPaper:
    """A consent given on paper holds from when its scan is stored."""

    def test_until_then_it_covers_nothing_and_nobody_is_told(self) -> None:
        waiting, _ = book().grant(on_paper(), RULES)
        asked = (Category.DENTAL, "agy-smiles", Audience.GUARDIAN, TODAY)
        assert waiting.covering(*asked) is None
        assert waiting.audience(Category.DENTAL, TODAY) is Audience.NOBODY
        stored, events = waiting.attach("con-1", PAPER, TODAY, RULES)
        assert events == (ConsentStarted(consent="con-1", family="fam-1", student="stu-1"),)
        assert stored.covering(*asked) is not None
        assert stored.audience(Category.DENTAL, TODAY) is Audience.GUARDIAN

    def test_until_then_its_end_alone_is_told(self) -> None:
        waiting, _ = book().grant(on_paper(), RULES)
        assert waiting.next_due == datetime(2027, 7, 1, 7, 0, tzinfo=UTC)
        assert waiting.tick(at(date(2027, 6, 20)), RULES)[1] == []
        assert [type(e) for e in waiting.tick(at(date(2027, 7, 2)), RULES)[1]] == [ConsentExpired]

    def test_one_for_later_starts_once_on_its_first_day_or_with_its_scan(self) -> None:
        later, _ = book().grant(on_paper(since=date(2026, 9, 10)), RULES)
        passed, events = later.tick(at(date(2026, 9, 11)), RULES)
        assert events == []
        assert passed.next_due == datetime(2027, 7, 1, 7, 0, tzinfo=UTC), "no due time stands still"
        late, events = passed.attach("con-1", PAPER, date(2026, 9, 12), RULES)
        assert [type(event) for event in events] == [ConsentStarted]
        assert late.tick(at(date(2026, 9, 12)), RULES)[1] == []
        early, events = later.attach("con-1", PAPER, date(2026, 9, 5), RULES)
        assert events == ()
        _, events = early.tick(at(date(2026, 9, 10)), RULES)
        assert [type(event) for event in events] == [ConsentStarted]

    def test_a_students_own_confides_at_once_and_lifts_nothing_before_its_scan(self) -> None:
        own = {"given_by": "stu-1", "categories": (Category.MENTAL_HEALTH,)}
        confided = book(on_paper(**own))
        assert confided.confidential(Category.MENTAL_HEALTH)
        lifting = on_paper(id="con-2", guardian_may_know=True, **own)
        kept = confided.having(consents=(*confided.consents, lifting))
        assert kept.confidential(Category.MENTAL_HEALTH)
        lifted, _ = kept.attach("con-2", PAPER, TODAY, RULES)
        assert not lifted.confidential(Category.MENTAL_HEALTH)


def test_far_too_many_consents_are_refused() -> None:
    full = book(*[consent(id=f"con-{n}") for n in range(MOST)])
    with pytest.raises(EnlaceError, match="200 consents already"):
        full.grant(consent(id="one-more"), RULES)
