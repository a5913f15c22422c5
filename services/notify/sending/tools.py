"""What the worker needs, put together once."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.codes import Channel
from services.chassis.clock import Clock
from services.chassis.district import DistrictCopy
from services.chassis.sites import Sites
from services.chassis.store import Store
from services.notify.book import AddressBook
from services.notify.mail_stops import MailStops
from services.notify.providers.base import Provider
from services.notify.sending.checks import MessageChecks
from services.notify.sending.pace import Pace
from services.notify.words import Words


@dataclass(frozen=True, slots=True)
class Tools:
    """Collaborators of the worker.

    Attributes:
        district: which languages there are, and in which one their people are written to.
        providers: by channel; a channel without one cannot be sent on.
        pace: how fast texts leave our number.
        texts_a_week: the limit for a family's contact.
        zone: of the district, whose months its budgets are.
        mail_stops: makes the addresses by which a reader wants no more mail.
    """

    store: Store
    clock: Clock
    book: AddressBook
    words: Words
    sites: Sites
    checks: MessageChecks
    district: DistrictCopy
    providers: Mapping[Channel, Provider]
    pace: Pace
    texts_a_week: int
    mail_stops: MailStops
    zone: str
