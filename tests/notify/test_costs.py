"""What texts cost, whose budget it is, and what goes out although it is spent."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.codes import Channel, Language, Urgency
from services.notify.model.budget import BudgetState, month_of, next_month, state_of
from tests.notify.build import PHONE, asked, created, mother, offered
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-0000000007"
ENGLISH = "+15105550177"


async def text(notify: World, number: int, family: str = "fam-1", **changes: Any) -> str:
    """Let a family hear of one more referral, another week; returns its id."""
    referral = f"{REF}{number:02d}"
    await notify.happens(created(referral, family=family, **changes), offered(referral))
    await notify.work()
    return referral


async def costs(notify: World, who: str = "grace", month: str = "2026-11") -> dict[str, Any]:
    answer = await notify.get(f"/v1/text-costs?month={month}", who)
    assert answer.status_code == 200, answer.text
    (school,) = answer.json()["schools"]
    return dict(school)


async def budget(notify: World, parts: int | None, version: int = 0) -> None:
    answer = await notify.put("/v1/text-budgets/site-01", "grace", {"parts": parts}, version)
    assert answer.status_code == 200, answer.text
    assert answer.headers["ETag"] == f'"{version + 1}"'


async def test_parts_are_counted_by_school_month_language_and_purpose(notify: World) -> None:
    await notify.person(mother())
    await notify.person(mother(reads=Language.ENGLISH, phone=ENGLISH), family="fam-2")
    mail = mother(preferred=Channel.EMAIL, phone=None, email="a@family.example.org")
    await notify.person(mail, family="fam-3")
    await text(notify, 1)
    await text(notify, 2, family="fam-2")
    await text(notify, 3, family="fam-3")
    notify.advance(timedelta(days=10))
    await text(notify, 4)
    november, december = await costs(notify), await costs(notify, month="2026-12")
    assert (november["name"], november["texts"], november["parts"]) == ("Lincoln Elementary", 2, 3)
    assert november["lines"] == [
        {"language": "es", "template": "family-asked", "texts": 1, "parts": 2},
        {"language": "en", "template": "family-asked", "texts": 1, "parts": 1},
    ]
    # The second text of a person says nothing of how to stop, and is shorter.
    assert (december["texts"], december["lines"][0]["parts"]) == (1, december["parts"])
    assert (november["budget"], november["state"]) == (None, "within")


async def test_a_budget_warns_at_80_of_100_and_stops_at_100(notify: World) -> None:
    await budget(notify, 5)
    for number in (1, 2):
        await notify.person(mother(phone=f"+1510555010{number}"), family=f"fam-{number}")
        await text(notify, number, family=f"fam-{number}")
    assert (await costs(notify))["parts"] == 4
    assert (await costs(notify))["state"] == "warning"
    await notify.person(mother(), family="fam-3")
    await text(notify, 3, family="fam-3")
    assert (await costs(notify))["state"] == "stopped", "the last one may end above"
    await notify.person(mother(phone=ENGLISH), family="fam-4")
    late = await text(notify, 4, family="fam-4")
    held = await notify.message(referral=late)
    assert (held.state, held.waits_for) == ("waiting", "budget")
    assert notify.texts(ENGLISH) == []
    await budget(notify, 50, version=1)
    notify.advance(timedelta(minutes=16))
    await notify.work()
    assert len(notify.texts(ENGLISH)) == 1
    assert (await costs(notify))["state"] == "within"


async def test_what_a_spent_budget_holds_goes_out_in_the_new_month(notify: World) -> None:
    notify.set_time(datetime(2026, 11, 30, 23, 50, tzinfo=UTC))
    await budget(notify, 1)
    await notify.person(mother())
    await text(notify, 1)
    await notify.person(mother(phone=ENGLISH), family="fam-2")
    held = await text(notify, 2, family="fam-2")
    assert (await notify.message(referral=held)).waits_for == "budget"
    notify.set_time(datetime(2026, 12, 1, 18, tzinfo=UTC))
    await notify.work()
    assert len(notify.texts(ENGLISH)) == 1
    assert (await costs(notify, month="2026-12"))["state"] == "stopped"


async def test_crisis_and_answers_go_out_whatever_is_spent(notify: World) -> None:
    await notify.person(mother())
    referral = await text(notify, 1)
    await budget(notify, 1)
    assert (await costs(notify))["state"] == "stopped", "what was sent before it counts"
    await text(notify, 2, urgency=Urgency.CRISIS)
    assert len(notify.texts()) == 2
    await budget(notify, None, version=1)
    await notify.happens(asked(referral))
    notify.advance(timedelta(days=8))
    await notify.happens(asked(referral))
    await notify.work()
    await budget(notify, 1, version=2)
    await notify.answers("Sí", PHONE)
    await notify.work()
    assert notify.texts()[-1].startswith("Gracias por responder")
    await notify.answers("ALTO", PHONE)
    await notify.work()
    assert notify.texts()[-1].startswith("Listo: ya no")


async def test_the_district_sets_budgets_and_each_coordinator_sees_their_own_school(
    notify: World,
) -> None:
    await notify.person(mother())
    await text(notify, 1)
    assert (await costs(notify, "rosa"))["texts"] == 1
    denise = (await notify.get("/v1/text-costs?month=2026-11", "denise")).json()["schools"]
    assert [each["site"] for each in denise] == ["site-02"]
    for who in ("nurse", "lead", "farah"):
        assert (await notify.get("/v1/text-costs", who)).status_code == 403
    refused = await notify.put("/v1/text-budgets/site-01", "rosa", {"parts": 5})
    assert refused.status_code == 403
    assert (await notify.get("/v1/text-budgets/site-01", "grace")).json()["parts"] is None


@pytest.mark.parametrize("parts", [0, -1, 10_000_001, "many", 1.5])
async def test_a_budget_that_is_none_is_refused(notify: World, parts: object) -> None:
    answer = await notify.put("/v1/text-budgets/site-01", "grace", {"parts": parts})
    assert answer.status_code == 422
    assert (await notify.get("/v1/text-budgets/site-01", "grace")).json()["parts"] is None


async def test_a_budget_of_no_school_or_on_an_old_version_changes_nothing(notify: World) -> None:
    assert (await notify.put("/v1/text-budgets/x", "grace", {"parts": 5})).status_code == 404
    await budget(notify, 5)
    stale = await notify.put("/v1/text-budgets/site-01", "grace", {"parts": 9}, version=0)
    assert stale.status_code == 412
    assert (await notify.get("/v1/text-budgets/site-01", "grace")).json()["parts"] == 5


async def test_a_month_that_is_none_is_refused(notify: World) -> None:
    assert (await notify.get("/v1/text-costs?month=2026-13", "grace")).status_code == 422


@pytest.mark.parametrize(
    ("budget", "spent", "state"),
    [
        (None, 10_000, BudgetState.WITHIN),
        (100, 79, BudgetState.WITHIN),
        (100, 80, BudgetState.WARNING),
        (100, 99, BudgetState.WARNING),
        (100, 100, BudgetState.STOPPED),
        (1, 0, BudgetState.WITHIN),
    ],
)
def test_where_a_months_spending_stands(budget: int | None, spent: int, state: BudgetState) -> None:
    assert state_of(budget, spent) is state


def test_a_month_begins_at_midnight_of_the_districts_place() -> None:
    last = datetime(2026, 12, 1, 7, 59, tzinfo=UTC)
    assert month_of(last, "America/Los_Angeles") == "2026-11"
    assert next_month(last, "America/Los_Angeles") == datetime(2026, 12, 1, 8, tzinfo=UTC)
    december = datetime(2026, 12, 9, tzinfo=UTC)
    assert next_month(december, "America/Los_Angeles") == datetime(2027, 1, 1, 8, tzinfo=UTC)
