"""Agreements by pure rules: papers, steps, measures."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from contracts.agencies import (
    AgreementChanged,
    AgreementMilestoneOverdue,
    AgreementPaperDue,
    PaperKind,
)
from contracts.codes import AgreementStatus
from contracts.rules import DistrictHoliday
from services.chassis.calendar import NO_HOLIDAYS, Calendar
from services.chassis.errors import EnlaceError
from services.partner.model import agreement_steps as steps
from services.partner.model.agreement import Agreement, tick
from services.partner.model.agreement_metrics import (
    Day,
    Metric,
    MetricKind,
    Standing,
    measure,
)
from services.partner.model.agreement_steps import Who
from services.partner.model.handled import Fate
from services.partner.model.milestones import Milestone
from services.partner.model.papers import Paper
from tests.partner.build import NOW, SITE, agreement

TODAY = date(2026, 10, 13)
INSURANCE = PaperKind.INSURANCE
ROSA, DANA, ADA = Who("rosa"), Who("dana"), Who("ada")


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def at(number: int) -> datetime:
    return NOW + timedelta(days=number)


@pytest.mark.parametrize(
    ("papers", "live"),
    [
        ((), False),
        ((Paper(kind=INSURANCE, until=day(-1)),), False),
        ((Paper(kind=INSURANCE, until=TODAY),), True),
        ((Paper(kind=INSURANCE),), True),
        ((Paper(kind=PaperKind.LICENSE),), False),
    ],
)
def test_without_its_papers_no_offer_goes_out(papers: tuple[Paper, ...], *, live: bool) -> None:
    mou = agreement(requires=(INSURANCE,), papers=papers)
    assert mou.covers(SITE, NOW) is live
    assert mou.lacking(TODAY) == (() if live else (INSURANCE,))


def test_it_covers_the_services_that_it_names() -> None:
    mou = agreement(services=("svc-smiles",))
    assert mou.covers(SITE, NOW, "svc-smiles")
    assert not mou.covers(SITE, NOW, "svc-braces")
    assert agreement().covers(SITE, NOW, "svc-braces")


def told_over(mou: Agreement, days: int) -> list[tuple[int, str, int]]:
    """Let a sweep look at it every morning; returns day, paper and days left of each telling."""
    found = []
    for number in range(days):
        change = tick(mou, at(number))
        (after,) = change.save
        assert isinstance(after, Agreement)
        mou = after
        found += [
            (number, str(each.paper), each.days)
            for each in change.events
            if isinstance(each, AgreementPaperDue)
        ]
    return found


def test_a_paper_that_runs_out_is_told_sixty_thirty_and_seven_days_before_once() -> None:
    mou = agreement(requires=(INSURANCE,), papers=(Paper(kind=INSURANCE, until=day(70)),))
    assert told_over(mou, 90) == [
        (10, "insurance", 60),
        (40, "insurance", 30),
        (63, "insurance", 7),
    ]


def test_one_that_is_entered_late_is_told_of_the_nearest_day_alone() -> None:
    mou = agreement(requires=(INSURANCE,), papers=(Paper(kind=INSURANCE, until=day(20)),))
    assert told_over(mou, 15) == [(0, "insurance", 20), (13, "insurance", 7)]


def test_the_agreement_itself_is_told_of_and_one_that_nobody_needs_is_not() -> None:
    mou = agreement(until=day(30), papers=(Paper(kind=PaperKind.LICENSE, until=day(5)),))
    assert told_over(mou, 31) == [(0, "agreement", 30), (23, "agreement", 7)]


def test_a_sweep_that_was_down_for_weeks_tells_once() -> None:
    mou = agreement(requires=(INSURANCE,), papers=(Paper(kind=INSURANCE, until=day(60)),))
    (after,) = tick(mou, at(55)).save
    assert isinstance(after, Agreement)
    told = [each for each in tick(mou, at(55)).events if isinstance(each, AgreementPaperDue)]
    assert [each.days for each in told] == [5]
    assert not tick(after, at(56)).events


def test_when_a_paper_has_run_out_the_others_are_told_that_it_is_lacking() -> None:
    mou = agreement(requires=(INSURANCE,), papers=(Paper(kind=INSURANCE, until=day(1)),))
    events = tick(mou.settled(NOW), at(2)).events
    (changed,) = (each for each in events if isinstance(each, AgreementChanged))
    assert changed.lacking == (INSURANCE,)


DRAFT = agreement(status=AgreementStatus.DRAFT, approvers=("coordinator", "agency"))


def test_it_is_in_force_once_all_have_approved() -> None:
    review = steps.submit(DRAFT, NOW)
    assert review.status is AgreementStatus.IN_REVIEW
    half = steps.approve(review, {"coordinator"}, ROSA, NOW)
    assert (half.status, half.unapproved) == (AgreementStatus.IN_REVIEW, ("agency",))
    assert steps.approve(half, {"coordinator"}, ROSA, NOW) == half
    whole = steps.approve(half, {"agency"}, DANA, NOW)
    assert (whole.status, whole.live(NOW)) == (AgreementStatus.ACTIVE, True)


def test_whose_yes_is_not_needed_is_told_whose_is() -> None:
    with pytest.raises(EnlaceError, match="it waits for coordinator, agency") as refused:
        steps.approve(steps.submit(DRAFT, NOW), {"admin"}, ADA, NOW)
    assert refused.value.slug == "not-an-approver"


def test_sent_back_it_must_be_approved_anew() -> None:
    half = steps.approve(steps.submit(DRAFT, NOW), {"agency"}, DANA, NOW)
    back = steps.send_back(half, NOW)
    assert (back.status, back.approvals) == (AgreementStatus.DRAFT, ())


@pytest.mark.parametrize(
    ("step", "changes"),
    [
        (lambda mou: steps.submit(mou, NOW), {"status": AgreementStatus.ACTIVE}),
        (lambda mou: steps.approve(mou, {"admin"}, ADA, NOW), {"status": AgreementStatus.DRAFT}),
        (lambda mou: steps.send_back(mou, NOW), {"status": AgreementStatus.ACTIVE}),
        (lambda mou: steps.end(mou, "moved", NOW), {"status": AgreementStatus.ENDED}),
        (lambda mou: steps.end(mou, "moved", NOW), {"until": day(-1)}),
    ],
)
def test_a_step_out_of_turn_says_where_it_stands(step: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(EnlaceError) as refused:
        step(agreement(**changes))
    assert refused.value.slug == "agreement-state"
    assert "Este convenio está" in (refused.value.es or "")


def test_a_renewal_copies_the_terms_and_shows_what_differs() -> None:
    old = agreement(requires=(INSURANCE,), metrics=(Metric(kind=MetricKind.SERVED_BY, target=40),))
    new = steps.renew(old, "mou-2", date(2027, 7, 1), date(2028, 6, 30))
    assert (new.status, new.renews, new.requires) == (AgreementStatus.DRAFT, old.id, old.requires)
    assert [each.term for each in steps.differences(old, new)] == ["starts", "until"]


def handled(
    asked: int,
    answered: int | None = None,
    *,
    accepted: bool = False,
    began: int | None = None,
    fate: Fate | None = None,
) -> Day:
    said = Fate.OPEN if answered is None else Fate.YES if accepted else Fate.NO
    return Day(
        day(asked),
        fate or said,
        None if answered is None else day(answered),
        None if began is None else day(began),
    )


def share(target: int, offers: list[Day], **more: Any) -> Any:
    metric = Metric(kind=MetricKind.ACCEPTED_WITHIN, target=target, days=2)
    times: dict[str, Any] = {
        "starts": day(-100),
        "until": day(100),
        "today": TODAY,
        "calendar": NO_HOLIDAYS,
        **more,
    }
    return measure(metric, offers, **times)


def test_a_share_counts_what_came_in_time_and_waits_for_what_may_still() -> None:
    quick = [handled(-20, -19, accepted=True)] * 4
    late = handled(-20, -10, accepted=True)
    no = handled(-20, -19)
    fresh = handled(0)
    found = share(80, [*quick, late, no, fresh])
    assert (found.value, found.of, found.standing) == (66, 6, Standing.AT_RISK)
    assert share(60, [*quick, late, no]).standing is Standing.ON_TRACK
    assert share(80, [*quick, late, no], until=day(-1)).standing is Standing.MISSED


def test_of_few_offers_a_share_says_nothing() -> None:
    found = share(80, [handled(-20, -19, accepted=True)] * 4)
    assert (found.value, found.standing) == (None, Standing.TOO_FEW)


def test_what_another_took_or_the_school_took_back_is_no_fault_of_the_agencys() -> None:
    yes = [handled(-20, -19, accepted=True)] * 5
    away = [handled(-20, fate=Fate.AWAY)] * 6
    assert (share(80, [*yes, *away]).value, share(80, [*yes, *away]).of) == (100, 5)
    assert share(80, away).standing is Standing.TOO_FEW
    late = [handled(-20)] * 5
    assert share(80, [*yes, *late]).value == 50, "silence is the agency's own"
    silent = [handled(-20, fate=Fate.SILENT)] * 5
    assert share(80, [*yes, *silent]).value == 50


def test_a_waitlist_is_an_answer_and_neither_a_yes_nor_a_no() -> None:
    answered = Metric(kind=MetricKind.ANSWERED_WITHIN, target=80, days=2)
    times: dict[str, Any] = {"starts": day(-100), "until": day(100), "today": TODAY}
    waits = [handled(-20, -19, fate=Fate.WAITS)] * 6
    found = measure(answered, waits, calendar=NO_HOLIDAYS, **times)
    assert (found.value, found.of) == (100, 6)
    assert share(80, waits).of == 0
    promoted = [handled(-20, -19, fate=Fate.YES)] * 5
    assert share(80, promoted).value == 100, "it had answered in time, and took the child"
    gone = [handled(-20, -19, fate=Fate.AWAY)] * 5
    assert measure(answered, gone, calendar=NO_HOLIDAYS, **times).value == 100
    assert share(80, gone).of == 0


@pytest.mark.parametrize(
    ("begun", "today", "standing", "projected"),
    [
        (40, 0, Standing.MET, 40),
        (20, 0, Standing.ON_TRACK, 40),
        (19, 0, Standing.AT_RISK, 38),
        (39, 101, Standing.MISSED, 39),
    ],
)
def test_a_count_is_at_risk_by_projection_before_it_is_missed(
    begun: int, today: int, standing: Standing, projected: int
) -> None:
    metric = Metric(kind=MetricKind.SERVED_BY, target=40)
    offers = [handled(-60, -59, accepted=True, began=-50)] * begun
    found = measure(
        metric,
        offers,
        starts=day(-100),
        until=day(100),
        today=day(today),
        calendar=NO_HOLIDAYS,
    )
    assert (found.standing, found.projected) == (standing, projected)


def test_an_answer_over_the_weekend_and_a_holiday_is_counted_in_school_days() -> None:
    friday = date(2026, 10, 16)
    assert NO_HOLIDAYS.after(friday, 0) == friday
    assert NO_HOLIDAYS.after(friday, 1) == date(2026, 10, 19)
    assert NO_HOLIDAYS.after(friday, 2) == date(2026, 10, 20)
    off = Calendar([DistrictHoliday(first=date(2026, 10, 19), until=date(2026, 10, 20))])
    assert off.after(friday, 2) == date(2026, 10, 22)


def test_nobody_is_late_for_days_without_school() -> None:
    late = [handled(-20, -14, accepted=True)] * 5
    assert share(80, late).value == 0
    week = DistrictHoliday(first=day(-19), until=day(-15))
    assert share(80, late, calendar=Calendar([week])).value == 100


KICK_OFF = Milestone(name="Rooms are ready", by=day(3))


def late_told(mou: Agreement, days: int) -> list[int]:
    """Let a sweep look at it every morning; returns the days on which a milestone is told of."""
    found = []
    for number in range(days):
        change = tick(mou, at(number))
        (after,) = change.save
        assert isinstance(after, Agreement)
        mou = after
        found += [number for each in change.events if isinstance(each, AgreementMilestoneOverdue)]
    return found


def test_a_milestone_that_is_late_is_told_once_and_one_that_is_reached_is_not() -> None:
    mou = agreement(milestones=(KICK_OFF,))
    assert late_told(mou, 10) == [4]
    assert late_told(steps.reach(mou, KICK_OFF.name, DANA, NOW), 10) == []


def test_the_sweep_wakes_up_for_a_milestone() -> None:
    mou = agreement(until=None, milestones=(KICK_OFF,)).settled(NOW)
    assert mou.next_due is not None
    assert mou.today(mou.next_due) == day(4)


def test_who_reached_a_milestone_stands_until_it_is_taken_back() -> None:
    mou = steps.reach(agreement(milestones=(KICK_OFF,)), KICK_OFF.name, DANA, NOW)
    assert [(each.by, each.at) for each in mou.reached] == [("dana", NOW)]
    assert steps.reach(mou, KICK_OFF.name, ROSA, at(1)) == mou
    assert steps.reopen(mou, KICK_OFF.name, at(1)).reached == ()


@pytest.mark.parametrize(
    ("name", "changes", "slug"),
    [
        ("Another", {}, "not-found"),
        (KICK_OFF.name, {"status": AgreementStatus.DRAFT}, "agreement-state"),
    ],
)
def test_only_what_was_agreed_can_be_reached(name: str, changes: Any, slug: str) -> None:
    with pytest.raises(EnlaceError) as refused:
        steps.reach(agreement(milestones=(KICK_OFF,), **changes), name, DANA, NOW)
    assert refused.value.slug == slug


def test_a_renewal_moves_its_milestones_along_and_none_is_reached() -> None:
    old = steps.reach(agreement(milestones=(KICK_OFF,)), KICK_OFF.name, DANA, NOW)
    new = steps.renew(old, "mou-2", old.starts + timedelta(days=365), None)
    assert [each.by for each in new.milestones] == [day(368)]
    assert new.reached == ()
    short = steps.renew(old, "mou-3", old.starts + timedelta(days=365), day(300))
    assert [each.by for each in short.milestones] == [day(300)]
