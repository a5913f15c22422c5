"""What notify remembers of a referral."""

from contracts.categories import Category
from contracts.codes import Audience, Urgency
from contracts.referrals import ReferralCreated
from services.notify.model.cause import KnownReferral


class Later(ReferralCreated):
    """The event as a later release may tell it: with one optional field more."""

    said_later: str | None = "something new"


def test_an_event_that_says_more_is_remembered_all_the_same() -> None:
    event = Later(
        referral="ref-1",
        student="stu-1",
        family="fam-1",
        site="site-01",
        category=Category.DENTAL,
        urgency=Urgency.CRISIS,
        audience=Audience.GUARDIAN,
        coordinator="rosa",
        nonce="n",
        re_referral_of="ref-0",
    )
    known = KnownReferral.of(event)
    assert (known.id, known.family, known.urgent) == ("ref-1", "fam-1", True)
