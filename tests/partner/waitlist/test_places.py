"""Who goes first, why, and how long it takes: pure, with expectations by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from contracts.codes import AgreementStatus
from services.partner.model.waitlist import (
    Promotion,
    Waiting,
    WaitlistPolicy,
    line,
    measured,
    reasons,
)
from services.partner.model.waitlist_policy import Chosen, ChosenBy, in_force
from tests.partner.build import NOW, SITE, SMILES, agreement

HOUR = timedelta(hours=1)
SEATS = (SMILES.service, SITE)


def waits(name: str, hours: int, **facts: Any) -> Waiting:
    """Return one who has waited for so many hours."""
    fields = {"referral": f"ref-{name}", "offer": name, "priority": 3, "since": NOW - hours * HOUR}
    return Waiting(**{**fields, **facts})


OLDEST = waits("oldest", 9)
URGENT = waits("urgent", 5, priority=1)
TIER_3 = waits("tier-3", 4, tier=3)
TIER_1 = waits("tier-1", 6, tier=1)
SIBLING = waits("sibling", 1, sibling=True)
ALL = (SIBLING, TIER_1, TIER_3, URGENT, OLDEST)


@pytest.mark.parametrize(
    ("policy", "order"),
    [
        (WaitlistPolicy.FIRST_COME, ["oldest", "tier-1", "urgent", "tier-3", "sibling"]),
        (WaitlistPolicy.URGENCY, ["urgent", "oldest", "tier-1", "tier-3", "sibling"]),
        (WaitlistPolicy.TIER, ["tier-3", "tier-1", "oldest", "urgent", "sibling"]),
        (WaitlistPolicy.SIBLING, ["sibling", "oldest", "tier-1", "urgent", "tier-3"]),
    ],
)
def test_each_policy_has_its_order_and_among_equals_the_longest_waiting(
    policy: WaitlistPolicy, order: list[str]
) -> None:
    assert [each.offer for each in line(ALL, policy)] == order


@pytest.mark.parametrize(
    ("policy", "waiting", "english", "spanish"),
    [
        (
            WaitlistPolicy.FIRST_COME,
            OLDEST,
            ["First come, first served", "Waiting since 2026-10-13"],
            ["Por orden de llegada", "Espera desde el 2026-10-13"],
        ),
        (
            WaitlistPolicy.URGENCY,
            URGENT,
            ["Urgent", "Waiting since 2026-10-13"],
            ["Es urgente", "Espera desde el 2026-10-13"],
        ),
        (
            WaitlistPolicy.TIER,
            TIER_3,
            ["Tier 3: the highest goes first", "Waiting since 2026-10-13"],
            [
                "Nivel de apoyo 3: el nivel más alto va primero",
                "Espera desde el 2026-10-13",
            ],
        ),
        (
            WaitlistPolicy.SIBLING,
            SIBLING,
            ["A sibling is helped here already: goes first", "Waiting since 2026-10-13"],
            [
                "Una hermana o un hermano ya recibe ayuda aquí: va primero",
                "Espera desde el 2026-10-13",
            ],
        ),
    ],
)
def test_each_place_is_explained_in_both_languages(
    policy: WaitlistPolicy, waiting: Waiting, english: list[str], spanish: list[str]
) -> None:
    told = reasons(waiting, policy, blind=False)
    assert [each.en for each in told] == english
    assert [each.es for each in told] == spanish


@pytest.mark.parametrize("policy", [WaitlistPolicy.TIER, WaitlistPolicy.SIBLING])
def test_an_agency_hears_by_what_a_place_goes_and_nothing_of_the_family(
    policy: WaitlistPolicy,
) -> None:
    codes = {
        tuple(said.code for said in reasons(each, policy, blind=True))
        for each in (OLDEST, TIER_3, SIBLING)
    }
    assert len(codes) == 1


class TestWhoChooses:
    def test_nobody_has_and_the_district_decides(self) -> None:
        found = in_force(None, [agreement()], SEATS, NOW, WaitlistPolicy.URGENCY)
        assert found == Chosen(WaitlistPolicy.URGENCY, ChosenBy.DISTRICT)

    def test_the_services_own_goes_before_the_districts(self) -> None:
        found = in_force(WaitlistPolicy.TIER, [], SEATS, NOW, WaitlistPolicy.URGENCY)
        assert found == Chosen(WaitlistPolicy.TIER, ChosenBy.SERVICE)

    def test_a_live_agreement_goes_before_both_and_the_later_of_two(self) -> None:
        signed = [
            agreement(id="later", starts=date(2026, 9, 1), waitlist=WaitlistPolicy.SIBLING),
            agreement(id="first", waitlist=WaitlistPolicy.FIRST_COME),
        ]
        found = in_force(WaitlistPolicy.TIER, signed, SEATS, NOW, WaitlistPolicy.URGENCY)
        assert found == Chosen(WaitlistPolicy.SIBLING, ChosenBy.AGREEMENT)

    @pytest.mark.parametrize(
        "other",
        [
            {"status": AgreementStatus.DRAFT},
            {"until": date(2026, 10, 1)},
            {"sites": ("site-09",)},
            {"services": ("svc-other",)},
        ],
    )
    def test_one_that_does_not_hold_here_and_now_decides_nothing(
        self, other: dict[str, Any]
    ) -> None:
        signed = [agreement(waitlist=WaitlistPolicy.SIBLING, **other)]
        found = in_force(None, signed, SEATS, NOW, WaitlistPolicy.URGENCY)
        assert found.by is ChosenBy.DISTRICT


class TestHowLong:
    def promotions(self, *days: float, ago: int = 30) -> list[Promotion]:
        at = NOW - timedelta(days=ago)
        return [Promotion(since=at - timedelta(days=each), at=at) for each in days]

    def test_it_is_the_middle_of_those_who_waited(self) -> None:
        wait = measured(self.promotions(*[20] * 6, 21, *[60] * 6, 3), NOW)
        assert (wait.days, wait.promotions) == (20, 14)
        assert wait.said.en == "about 3 weeks, from 14 promotions"
        assert wait.said.es == "alrededor de 3 semanas, según 14 lugares"

    @pytest.mark.parametrize(
        ("days", "said"),
        [
            (0.1, "about 1 day, from 5 promotions"),
            (9.6, "about 10 days, from 5 promotions"),
            (13.9, "about 14 days, from 5 promotions"),
            (14, "about 2 weeks, from 5 promotions"),
        ],
    )
    def test_days_are_told_up_to_two_weeks(self, days: float, said: str) -> None:
        assert measured(self.promotions(*[days] * 5), NOW).said.en == said

    def test_fewer_than_five_in_a_year_say_nothing_and_that_is_said(self) -> None:
        old = self.promotions(*[20] * 30, ago=400)
        wait = measured([*self.promotions(3, 3, 3, 3), *old], NOW)
        assert (wait.days, wait.promotions) == (None, None)
        assert wait.said.en == "not known yet; fewer than 5 got a place within a year"
