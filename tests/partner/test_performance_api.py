"""An agency's performance on the real database: for itself, its key, and the district."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.codes import DeclineReason, Outcome
from contracts.referrals import (
    ReferralCompleted,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralFailed,
    ReferralVerified,
)
from services.chassis.ids import new_id
from tests.partner.district import District, Provider

NOTHING = {"percent": None, "of": None}


async def helped(district: District, provider: Provider) -> tuple[str, str]:
    """Let the agency take a child two hours after it was asked; returns referral and claim."""
    referral = await district.offer(provider)
    district.clock.advance(timedelta(hours=2))
    await district.answer(provider, "claim")
    return referral, await district.accept(referral)


async def completed(district: District, provider: Provider) -> str:
    referral, claim = await helped(district, provider)
    # What comes later than the first answer is no answer to the offer.
    district.clock.advance(timedelta(days=3))
    await district.answer(provider, "progress", {"progress": "completed"})
    await district.apply(
        ReferralCompleted(referral=referral, claim=claim, outcome=Outcome.NEED_MET)
    )
    return referral


async def performance(district: District, provider: Provider, who: str = "rosa") -> dict[str, Any]:
    answer = await district.get(f"/v1/agencies/{provider.agency}/performance", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def ten_children(district: District, provider: Provider) -> None:
    """Ten children taken: seven helped, six of them verified and one disputed, one no-show."""
    for n in range(7):
        referral = await completed(district, provider)
        await district.apply(ReferralVerified(referral=referral))
        if n == 0:
            await district.apply(ReferralDisputed(referral=referral))
    referral, claim = await helped(district, provider)
    await district.apply(ReferralFailed(referral=referral, claim=claim, outcome=Outcome.NO_SHOW))
    await helped(district, provider)
    await helped(district, provider)


async def test_an_agency_sees_how_it_does_and_so_does_the_district(district: District) -> None:
    smiles = await district.provider("Smiles", seats=30)
    await ten_children(district, smiles)
    await district.offer(smiles)
    await district.answer(smiles, "decline", {"reason": DeclineReason.NOT_ELIGIBLE.value})
    district.clock.advance(timedelta(days=31))
    district.as_agency(smiles.agency)
    for who in ("agent", "rosa", "denise", "admin"):
        found = await performance(district, smiles, who)
        whole = found["now"]["total"]
        assert whole["asked"] == 11
        assert whole["reply_hours"] == 2.0, "a report of progress is no answer to an offer"
        assert whole["acceptance"] == {"percent": 91, "of": 11}
        assert whole["completed"] == {"percent": 70, "of": 10}
        assert whole["family_verified"] == NOTHING, "the school year is not over"
        assert whole["no_show"] == {"percent": 10, "of": 10}
        (service,) = found["now"]["services"]
        assert (service["service"], service["service_name"]) == (smiles.service, "Smiles")
        assert found["before"]["total"]["asked"] == 0


async def test_no_familys_answer_shows_from_one_month_to_the_next(district: District) -> None:
    smiles = await district.provider("Smiles", seats=30)
    await ten_children(district, smiles)
    told = []
    for days in (31, 31):
        district.clock.advance(timedelta(days=days))
        told.append((await performance(district, smiles))["now"]["total"])
        referral = await completed(district, smiles)
        await district.apply(ReferralVerified(referral=referral))
    assert [each["completed"]["of"] for each in told] == [10, 11], "its own reports it knows"
    assert {str(each["family_verified"]) for each in told} == {str(NOTHING)}
    unsaid = await completed(district, smiles)
    district.clock.advance(datetime(2027, 7, 2, tzinfo=UTC) - district.clock.now())
    over = (await performance(district, smiles))["now"]
    assert over["total"]["family_verified"] == {"percent": 62, "of": 13}
    assert (over["families_since"], over["families_until"]) == ("2026-07-01", "2027-07-01")
    await district.apply(ReferralVerified(referral=unsaid))
    district.clock.advance(timedelta(days=62))
    later = (await performance(district, smiles))["now"]["total"]
    assert later["family_verified"] == over["total"]["family_verified"]


async def test_a_month_that_is_open_is_not_told(district: District) -> None:
    smiles = await district.provider("Smiles", seats=30)
    for _ in range(10):
        await helped(district, smiles)
    assert (await performance(district, smiles))["now"]["total"]["asked"] == 0
    district.clock.advance(timedelta(days=31))
    found = (await performance(district, smiles))["now"]["total"]
    assert (found["asked"], found["completed"]) == (10, {"percent": 0, "of": 10})
    # What happens now is not in the closed months: it would show as one more child.
    offerings = await district.rows("offerings")
    for each in offerings:
        await district.apply(
            ReferralCompleted(
                referral=each["_id"], claim=each["claims"][0]["id"], outcome=Outcome.NEED_MET
            )
        )
    assert (await performance(district, smiles))["now"]["total"] == found


async def test_small_numbers_are_withheld_and_what_was_in_error_counts_nowhere(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=30)
    for _ in range(10):
        referral = await completed(district, smiles)
    await district.apply(ReferralEnteredInError(referral=referral))
    district.clock.advance(timedelta(days=31))
    whole = (await performance(district, smiles))["now"]["total"]
    assert whole["asked"] == 9
    assert whole["acceptance"] == {"percent": 100, "of": 9}
    assert whole["completed"] == whole["family_verified"] == whole["no_show"] == NOTHING


async def test_no_agency_reads_anothers_by_account_or_by_key(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    others = await district.provider("Others", seats=1)
    district.as_agency(others.agency)
    theirs = f"/v1/agencies/{smiles.agency}/performance"
    refused = await district.get(theirs, "agent")
    unknown = await district.get(f"/v1/agencies/{new_id()}/performance", "agent")
    assert (refused.status_code, unknown.status_code) == (404, 404)
    assert refused.json() == unknown.json(), "nobody learns that it is there"
    path = f"/v1/api-keys/{new_id()}"
    for scopes, status in ((["feed"], 403), (["performance"], 200)):
        body = {"name": "Our system", "scopes": scopes, "days": 30}
        made = await district.put(f"/v1/api-keys/{new_id()}", body, "agent")
        assert made.status_code == 200, (path, made.text)
        key = {"Authorization": f"Bearer {made.json()['key']}"}
        own = await district.http.get(f"/v1/agencies/{others.agency}/performance", headers=key)
        assert own.status_code == status
        assert (await district.http.get(theirs, headers=key)).status_code in {403, 404}


async def test_matching_goes_by_the_same_answers(district: District) -> None:
    smiles = await district.provider("Smiles", seats=30)
    for _ in range(5):
        await completed(district, smiles)
    answer = await district.get("/v1/matches?category=dental&site=site-01")
    said = {each["code"]: each["en"] for each in answer.json()["matches"][0]["reasons"]}
    assert said["replies-in-hours"] == "Usually replies in 2 hours"
    assert said["accepts"] == "Accepts 10 in 10"
