"""A hand-off outside the network on a consent in doubt: as one without any, from the doubt on."""

from datetime import datetime, timedelta

from tests.referral.consents.scene import Scene, slug
from tests.referral.consents.test_doubt import doubts, put_aside
from tests.referral.test_told_without_consent import WHY, calls, told

DAY = timedelta(days=1)
RIGHT = {"may_be_told": True, "do_not_contact": False, "phone": "(510) 555-0123"}


async def handed(
    scene: Scene, referral: str, *, ago: timedelta = timedelta(), why: str = ""
) -> str:
    """Record that the clinic was told; return the slug of the refusal, or who vouches for it."""
    at = (scene.clock.now() - ago).isoformat()
    answer = await told(scene, referral, handed_at=at, without_consent=why or None)
    if answer.status_code != 200:
        return slug(answer)
    return "consented" if answer.json()["consented"] else "without"


async def test_what_is_told_on_a_consent_in_doubt_is_told_without_one(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()
    scene.clock.advance(DAY)
    await put_aside(scene)

    refused = await told(
        scene, referral, handed_at=scene.clock.now().isoformat(), without_consent=None
    )

    assert (refused.status_code, slug(refused)) == (409, "consent-in-doubt")
    assert "`without_consent`" in refused.json()["detail"]
    assert "Nothing was recorded" in refused.json()["detail"]
    made = await told(scene, referral, handed_at=scene.clock.now().isoformat())
    assert made.status_code == 200, made.text
    assert (made.json()["consented"], made.json()["without_consent"]) == (False, WHY)
    (reading,) = (await scene.done("GET", f"/v1/families/{scene.family}/disclosures"))["items"]
    assert reading["consent"] is None
    (call,) = await calls(scene, "both")
    assert call["record"] == made.json()["id"]


async def test_what_was_told_before_the_doubt_began_stands_under_it(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()
    scene.clock.advance(2 * DAY)
    await put_aside(scene)
    scene.clock.advance(DAY)

    assert await handed(scene, referral, ago=2 * DAY, why=WHY) == "consent-there"
    assert await handed(scene, referral, ago=DAY) == "consent-in-doubt"
    assert await handed(scene, referral, ago=2 * DAY) == "consented"


async def test_each_consent_is_in_doubt_from_its_own_day_on(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()
    guardian = await scene.knows("guardian")
    scene.clock.advance(DAY)
    await put_aside(scene)
    await scene.give(given_by=guardian)
    scene.clock.advance(2 * DAY)
    await put_aside(scene, id=guardian, relation="guardian")

    (call,) = await doubts(scene)
    assert datetime.fromisoformat(call["since"]) == scene.clock.now(), "the last one's"
    assert await handed(scene, referral) == "consent-in-doubt"
    assert await handed(scene, referral, ago=DAY) == "consented", "the guardian's, who was there"


async def test_another_consent_that_releases_as_much_is_the_one_it_stands_on(scene: Scene) -> None:
    await scene.give(parts=["name"])
    await scene.give(given_by=await scene.knows("guardian"))

    assert await handed(scene, await scene.referral()) == "consented"


async def test_a_doubt_stays_with_a_consent_that_was_taken_back_since(scene: Scene) -> None:
    consent = await scene.give()
    referral = await scene.referral()
    scene.clock.advance(DAY)
    await put_aside(scene)
    scene.clock.advance(2 * DAY)
    assert (await scene.revoke(consent)).status_code == 200
    await put_aside(scene, **RIGHT)

    assert await handed(scene, referral, ago=DAY) == "consent-in-doubt"


async def test_once_the_contact_is_put_right_the_consent_counts_again(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()
    scene.clock.advance(DAY)
    await put_aside(scene)
    assert await handed(scene, referral) == "consent-in-doubt"

    await put_aside(scene, **RIGHT)

    assert await handed(scene, referral) == "consented"
