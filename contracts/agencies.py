"""Topic `agencies`: agencies, services, agreements. Key: agency id. Owner: partner. Restricted.

Contacts at agencies are people: what is known of them is encrypted under their own keys.
"""

from datetime import date

from pydantic import AwareDatetime

from contracts.categories import TopicCategory
from contracts.code import Code
from contracts.codes import AgreementStatus, BatchResult, Channel, Language
from contracts.event import Event, Part
from contracts.provider import ProviderId
from contracts.sealed import Sealed
from contracts.topic import AGENCIES


class ContactProfile(Part):
    """What a contact's `profile` holds once opened.

    Attributes:
        title: what they are at the agency, as its directory says it.
        department: where.
    """

    name: str
    reads: Language
    phone: str | None = None
    email: str | None = None
    preferred: Channel = Channel.EMAIL
    zone: str = "America/Los_Angeles"
    title: str | None = None
    department: str | None = None


class AgencyContact(Part):
    """A person at an agency, for offers and codes.

    Offers name the contact: the id is sealed here, or it would tell whose offer it is.
    """

    contact: ProviderId
    profile: Sealed


class AgencyChanged(Event, topic=AGENCIES, type="org.enlace.agency.changed.v1"):
    """The full present state of an agency. Its name is public."""

    agency: str
    name: str
    contacts: tuple[AgencyContact, ...]
    retired: bool = False


class ServiceChanged(Event, topic=AGENCIES, type="org.enlace.agency.service-changed.v1"):
    """The full present state of a service; one of a restricted category is not named."""

    agency: str
    service: str
    name: str
    category: TopicCategory
    sites: tuple[str, ...]
    retired: bool = False


class PaperKind(Code):
    """A paper without which an agreement lets no offer out; `agreement` is the agreement itself."""

    AGREEMENT = "agreement"
    INSURANCE = "insurance"
    BACKGROUND_CHECKS = "background-checks"
    LICENSE = "license"


class AgreementChanged(Event, topic=AGENCIES, type="org.enlace.agency.agreement-changed.v1"):
    """Where the agreement (MOU) with the agency stands; without an active one no offer goes out.

    Attributes:
        lacking: papers that are missing or have run out: meanwhile no offer goes out either.
    """

    agency: str
    agreement: str
    status: AgreementStatus
    sites: tuple[str, ...]
    until: date | None = None
    lacking: tuple[PaperKind, ...] = ()


class AgreementPaperDue(Event, topic=AGENCIES, type="org.enlace.agency.agreement-paper-due.v1"):
    """A paper of an agreement runs out soon: without a fresh one no offer goes out any more.

    Attributes:
        paper: which one.
        until: its last day, local to the district.
        days: how many are left: 60, 30 or 7, or fewer where it was entered late.
        site: the first school that the agreement covers, in whose name notify writes.
    """

    agency: str
    agreement: str
    paper: PaperKind
    until: date
    days: int
    site: str


class AgreementMilestoneOverdue(
    Event, topic=AGENCIES, type="org.enlace.agency.agreement-milestone-overdue.v1"
):
    """What an agreement says is to be done by a day has not been reported as done.

    What it is stands in the agreement alone.

    Attributes:
        by: its last day, local to the district.
        site: the first school that the agreement covers, in whose name notify writes.
    """

    agency: str
    agreement: str
    by: date
    site: str


class OffersBatched(Event, topic=AGENCIES, type="org.enlace.agency.offers-batched.v1"):
    """Many children were asked for at once: the agency is told of all of them in one message.

    Each has its own offer, on `offerings`; here are neither children nor a kind of need.

    Attributes:
        batch: by which they are answered together.
        contact: the person whom notify writes to.
        nonce: from what notify derives the link to the page of them all.
        site: the school that asks.
        count: how many there are, of which it was not told before.
    """

    agency: str
    batch: str
    contact: ProviderId
    nonce: str
    site: str
    count: int
    answer_by: AwareDatetime


class OffersTaken(Event, topic=AGENCIES, type="org.enlace.agency.offers-taken.v1"):
    """What came of an agency's word on many children at once, for the agency to be told.

    Attributes:
        batch: which were offered together.
        contact: the person whom notify writes to.
        asked: how many it wanted to take; 0 where it declined those that were open.
        taken: how many it has got by that word.
        left: how many are open still.
        result: why not all, where it was not all.
    """

    agency: str
    batch: str
    contact: ProviderId
    nonce: str
    site: str
    asked: int
    taken: int
    left: int
    result: BatchResult


class EntriesAsked(Event, topic=AGENCIES, type="org.enlace.agency.entries-asked.v1"):
    """An agency is to be asked whether its entries in the directory still hold.

    Attributes:
        contact: the person whom notify writes to.
        nonce: names this asking; notify derives the link to its page from it.
    """

    agency: str
    contact: ProviderId
    nonce: str


class EntriesConfirmed(Event, topic=AGENCIES, type="org.enlace.agency.entries-confirmed.v1"):
    """The agency says behind its link that its entries in the directory hold.

    Attributes:
        services: ids of those that it confirmed.
    """

    agency: str
    services: tuple[str, ...]


class WebhookEnd(Code):
    """Why nothing is sent to a webhook endpoint any more."""

    REQUESTED = "requested"
    GONE = "gone"
    FAILING = "failing"


class WebhookDisabled(Event, topic=AGENCIES, type="org.enlace.agency.webhook-disabled.v1"):
    """An agency's webhook endpoint was given up: its system hears nothing until somebody acts.

    Attributes:
        endpoint: its id; the address itself is in no event.
        contact: whom notify writes to; absent where nobody at the agency can be reached.
    """

    agency: str
    endpoint: str
    reason: WebhookEnd
    contact: ProviderId | None = None
