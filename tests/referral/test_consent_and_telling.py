"""Whom consent covers, and who may be told."""

from datetime import date, timedelta

import pytest

from contracts.categories import Category
from contracts.codes import Audience, Template, Urgency
from services.referral.model.bands import age_band
from services.referral.model.consent import ConsentBook
from services.referral.model.referral import BusinessStatus, Claim, State
from services.referral.model.rules import Rules
from services.referral.model.telling import Telling, refusal, undo_until
from tests.referral.build import NOW, REVOCATION, SMILES, TODAY, consent, family, referral


def book(*consents: object) -> ConsentBook:
    return ConsentBook.model_validate(
        {"id": "stu-1", "family": "fam-1", "site": "site-01", "consents": consents}
    )


@pytest.mark.parametrize(
    ("changes", "covered"),
    [
        ({}, True),
        ({"categories": (Category.VISION,)}, False),
        ({"agencies": ("agy-smiles",)}, True),
        ({"agencies": ("agy-other",)}, False),
        ({"until": TODAY}, True),
        ({"until": TODAY - timedelta(days=1)}, False),
        ({"given_on": TODAY + timedelta(days=1)}, False),
        ({"since": TODAY + timedelta(days=1)}, False),
        ({"since": TODAY}, True),
        ({"revocation": REVOCATION}, False),
    ],
)
def test_consent_covers_only_what_it_says(changes: dict[str, object], *, covered: bool) -> None:
    found = book(consent(**changes)).covering(
        Category.DENTAL, "agy-smiles", Audience.GUARDIAN, TODAY
    )
    assert (found is not None) is covered


def asked(person: str) -> Telling:
    return Telling(Template.FAMILY_ASKED, person)


def test_a_minors_own_consent_never_reaches_a_parent() -> None:
    own = book(consent(given_by="stu-1", categories=(Category.MENTAL_HEALTH,)))
    assert own.audience(Category.MENTAL_HEALTH, TODAY) is Audience.STUDENT
    about = referral(
        category=Category.MENTAL_HEALTH, audience=Audience.STUDENT, state=State.REQUESTED
    )
    refused = refusal(about, family(), asked("per-mother"))
    assert refused == "not-the-audience"


def test_without_consent_nobody_is_told() -> None:
    assert book().audience(Category.DENTAL, TODAY) is Audience.NOBODY
    about = referral(audience=Audience.NOBODY, state=State.REQUESTED)
    assert refusal(about, family(), asked("per-mother")) == "nobody-may-be-told"


def test_a_custody_note_holds_at_the_moment_of_sending() -> None:
    about = referral(state=State.REQUESTED)
    assert refusal(about, family(), asked("per-mother")) is None
    assert refusal(about, family(), asked("per-father")) == "may-not-be-told"
    assert refusal(about, family(), asked("per-stranger")) == "not-the-audience"


def test_a_message_whose_cause_has_gone_is_not_sent() -> None:
    cancelled = referral(state=State.CANCELLED)
    assert refusal(cancelled, family(), asked("per-mother")) == "cause-gone"
    assert refusal(cancelled, None, Telling(Template.AGENCY_OFFER, "con-9")) == "cause-gone"
    assert refusal(cancelled, None, Telling(Template.AGENCY_TAKEN, "con-9")) is None
    assert refusal(None, None, Telling(Template.AGENCY_OFFER, "con-9")) == "unknown-referral"


def test_an_agency_is_not_invited_to_read_once_no_consent_covers_it() -> None:
    taken = referral(state=State.ACCEPTED)
    for template in (Template.AGENCY_ACCEPTED, Template.AGENCY_IDENTITY_CODE):
        assert refusal(taken, None, Telling(template, "con-9")) == "cause-gone"
        assert refusal(taken, None, Telling(template, "con-9"), covered=True) is None
    requested = referral(state=State.REQUESTED)
    assert refusal(requested, None, Telling(Template.AGENCY_OFFER, "con-9")) is None, (
        "an offer names nobody"
    )


def test_nobody_is_asked_whether_help_arrived_before_the_question_is_open() -> None:
    done = referral(state=State.COMPLETED)
    asked = refusal(done, family(), Telling(Template.FAMILY_DID_HELP_ARRIVE, "per-mother"))
    assert asked == "cause-gone"


def test_a_family_hears_of_a_visit_that_stands_and_of_no_other() -> None:
    told = Telling(Template.FAMILY_APPOINTMENT_REMINDER, "per-mother", appointment=NOW)
    stands = referral(
        state=State.ACCEPTED, business=BusinessStatus.APPOINTMENT_SCHEDULED, appointment=NOW
    )
    assert refusal(stands, family(), told) is None
    moved = stands.having(appointment=NOW + timedelta(days=1))
    assert refusal(moved, family(), told) == "cause-gone"
    begun = stands.having(state=State.IN_PROGRESS, business=None)
    assert refusal(begun, family(), told) == "cause-gone"
    assert refusal(stands.having(state=State.CANCELLED), family(), told) == "cause-gone"


def test_revoking_twice_is_told_once() -> None:
    first, events = book(consent()).revoke("con-1", REVOCATION, Rules())
    assert [type(event).__name__ for event in events] == ["ConsentRevoked"]
    assert first.revoke("con-1", REVOCATION, Rules())[1] == ()
    assert first.covering(Category.DENTAL, "agy-smiles", Audience.GUARDIAN, TODAY) is None


@pytest.mark.parametrize(
    ("born", "band"),
    [("2018-10-13", "7-9"), ("2018-10-14", "7-9"), ("2016-10-13", "10-12"), (None, "any")],
)
def test_agencies_see_an_age_band_only(born: str | None, band: str) -> None:
    assert age_band(date.fromisoformat(born) if born else None, TODAY) == band


class TestUndo:
    def test_the_text_that_help_was_asked_waits_while_that_can_be_undone(self) -> None:
        sent = referral(state=State.REQUESTED, candidates=(SMILES,), since=NOW)
        end = NOW + timedelta(minutes=10)
        asked = Template.FAMILY_ASKED
        assert undo_until(sent, asked, NOW, Rules()) == end
        assert undo_until(sent, asked, end - timedelta(seconds=1), Rules()) == end
        assert undo_until(sent, asked, end, Rules()) is None
        assert undo_until(sent, asked, NOW, Rules(recall_minutes=0)) is None
        assert undo_until(sent, Template.AGENCY_OFFER, NOW, Rules()) is None

    @pytest.mark.parametrize("urgency", [Urgency.URGENT, Urgency.CRISIS])
    def test_in_an_urgent_need_the_family_is_told_at_once(self, urgency: Urgency) -> None:
        sent = referral(state=State.REQUESTED, candidates=(SMILES,), since=NOW, urgency=urgency)
        assert undo_until(sent, Template.FAMILY_ASKED, NOW, Rules()) is None

    def test_once_an_agency_has_claimed_it_nothing_waits(self) -> None:
        claim = Claim(id="c", service="s", agency="a", held_until=NOW)
        sent = referral(state=State.REQUESTED, candidates=(SMILES,), since=NOW, claim=claim)
        assert undo_until(sent, Template.FAMILY_ASKED, NOW, Rules()) is None


def test_what_was_undone_is_told_to_nobody_though_others_are_asked_now() -> None:
    asked_again = referral(state=State.REQUESTED, audience=Audience.GUARDIAN, round=2, recalled=1)

    def told(round: int) -> str | None:
        telling = Telling(Template.FAMILY_ASKED, "per-mother", round=round)
        return refusal(asked_again, family(), telling)

    assert told(1) == "cause-gone"
    assert told(2) is None


def test_of_a_first_asking_a_family_still_hears_when_others_are_asked_after_it() -> None:
    next_ones = referral(state=State.REQUESTED, audience=Audience.GUARDIAN, round=2)
    telling = Telling(Template.FAMILY_ASKED, "per-mother", round=1)
    assert refusal(next_ones, family(), telling) is None
    offer = Telling(Template.AGENCY_OFFER, "con-9", round=1)
    assert refusal(next_ones, None, offer) == "cause-gone"


def test_an_agency_that_has_the_child_no_longer_is_not_told_that_it_does() -> None:
    others = referral(
        state=State.ACCEPTED, claim=Claim(id="claim-2", service="svc-2", agency="agy-2")
    )
    for claim, why in (("claim-1", "cause-gone"), ("claim-2", None)):
        telling = Telling(Template.AGENCY_ACCEPTED, "con-9", claim=claim)
        assert refusal(others, None, telling, covered=True) == why


@pytest.mark.parametrize(
    ("business", "why"),
    [(BusinessStatus.AWAITING_CONSENT, None), (BusinessStatus.OFFERED, "cause-gone")],
)
def test_an_agency_hears_that_its_yes_is_kept_only_while_the_family_is_asked(
    business: BusinessStatus, why: str | None
) -> None:
    claim = Claim(id="claim-1", service="svc-1", agency="agy-1", held_until=NOW)
    waits = referral(state=State.REQUESTED, business=business, claim=claim)
    telling = Telling(Template.AGENCY_CONSENT_ASKED, "con-9", claim="claim-1")
    assert refusal(waits, None, telling) == why
