"""What the endpoints need, put together once."""

from dataclasses import dataclass

from services.chassis.auth import Principal, Role
from services.chassis.clock import Clock
from services.chassis.errors import unknown
from services.chassis.http.commands import identifier
from services.chassis.sight import ReferralSight
from services.chassis.sites import Sites
from services.chassis.store import Store
from services.notify.book import AddressBook
from services.notify.help_texts import HelpTexts
from services.notify.model.cause import KnownReferral


@dataclass(frozen=True, slots=True)
class Context:
    """Collaborators of the endpoints.

    Attributes:
        callbacks: our address as the carrier knows it, without a slash at the end; it is part of
            what the carrier signs.
        carrier_tokens: keys of the carriers' signatures.
        sight: referral's word on who may see a restricted need.
        requests_a_day: requests for help that are taken from one number in 24 hours.
        zone: of the district, whose months are counted.
    """

    store: Store
    clock: Clock
    book: AddressBook
    callbacks: str
    carrier_tokens: tuple[str, ...]
    help_texts: HelpTexts
    sight: ReferralSight
    requests_a_day: int
    sites: Sites
    zone: str


async def seen_referral(context: Context, caller: Principal, bearer: str, id: str) -> KnownReferral:
    """Return a referral that the caller may see.

    Raises:
        EnlaceError: there is none, as far as this caller may know; or nobody can tell just now.
    """
    referral = await context.store.get(KnownReferral, identifier(id))
    if referral is None:
        raise unknown("referral")
    caller.need_site(referral.site, Role.COORDINATOR, Role.CARE_TEAM, what="referral")
    await context.sight.need(referral.id, referral.category, bearer, what="referral")
    return referral
