"""Whether what stands in the directory still holds: who said so last, and when its agency is asked.

Twice a year, at nine in the morning, an agency is asked to look at its entries and to confirm them
with one tap. Nothing is hidden where it does not: an entry says how old its last word is.
"""

from datetime import UTC, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from contracts.agencies import EntriesAsked, EntriesConfirmed
from contracts.event import Event
from services.partner.model.agency import Agency
from services.partner.model.confirmed import Confirmed, ConfirmedBy
from services.partner.model.page_link import PageLink
from services.partner.model.service import Service

ASKED_AT = time(9)
OPEN_FOR = timedelta(days=60)
"""How long the link of an asking works."""


class EntriesLink(PageLink):
    """A link to the page of an agency's entries.

    Attributes:
        asking: the asking that it was sent with.
    """

    COLLECTION: ClassVar[str] = "entries_links"

    agency: str
    asking: str


def morning_after(now: datetime, span: timedelta, zone: str) -> datetime:
    """Return nine in the morning of the day that lies so far ahead, where the district is."""
    day = (now + span).astimezone(ZoneInfo(zone)).date()
    return datetime.combine(day, ASKED_AT, ZoneInfo(zone)).astimezone(UTC)


def ask(
    agency: Agency, nonce: str, now: datetime, every: timedelta, zone: str
) -> tuple[Agency, Event | None]:
    """Ask an agency; nobody is where it has gone, or has nobody who can be reached.

    Args:
        agency: whose next asking has come.
        nonce: from which the link is derived; it names this asking.
        now: the present moment.
        every: until the next asking.
        zone: the district's.
    """
    after = agency.having(next_due=morning_after(now, every, zone))
    contact = agency.answers
    if contact is None or agency.retired:
        return after, None
    event = EntriesAsked(agency=agency.id, contact=contact.id, nonce=nonce)
    return after.having(asked=nonce, asked_at=now), event


def confirm(
    agency: Agency, services: tuple[Service, ...], asking: str, now: datetime
) -> tuple[Agency, tuple[Service, ...], Event | None]:
    """Take the agency's word for all its entries that have not gone, once an asking.

    Returns:
        the agency, the services that changed, and what happened; unchanged for a repeat.
    """
    if agency.confirmed_asking == asking:
        return agency, (), None
    word = Confirmed(at=now, by=ConfirmedBy.AGENCY)
    after = agency.having(confirmed_asking=asking, confirmed=word)
    fresh = tuple(each.having(confirmed=word) for each in services if not each.retired)
    ids = tuple(each.id for each in fresh)
    return after, fresh, EntriesConfirmed(agency=agency.id, services=ids)
