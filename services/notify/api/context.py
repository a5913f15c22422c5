"""What the endpoints need, put together once."""

from dataclasses import dataclass

from services.chassis.clock import Clock
from services.chassis.sight import ReferralSight
from services.chassis.sites import Sites
from services.chassis.store import Store
from services.notify.book import AddressBook
from services.notify.help_texts import HelpTexts


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
