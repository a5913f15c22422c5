"""What an agency was asked to delete after a consent was taken back, and its word. Pure."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from contracts.consents import DeletionRequested
from contracts.event import Event
from contracts.offerings import DeletionAsked, DeletionReported
from services.chassis.aggregate import Aggregate
from services.chassis.errors import unknown
from services.partner.model.page_link import PageLink


class AskedDeletion(Aggregate):
    """One request of referral's, as the agency sees it; the id is referral's. It names nobody.

    Attributes:
        referrals: those for which the agency read who the child is.
        contact: whom it was sent to last; None while nobody at the agency can be reached.
        nonce: from what the link to the page is derived.
        asked: how often the agency was written to.
        confirmed_at: when it said that it has deleted, here or to the school.
    """

    COLLECTION: ClassVar[str] = "deletions"

    agency: str
    site: str | None
    referrals: tuple[str, ...]
    asked_at: datetime
    due_on: date
    contact: str | None = None
    nonce: str = ""
    asked: int = 0
    confirmed_at: datetime | None = None

    @classmethod
    def of(cls, event: DeletionRequested, site: str | None, now: datetime) -> "AskedDeletion":
        """Return a request that nobody was told of yet."""
        return cls(
            id=event.request,
            agency=event.agency,
            site=site,
            referrals=event.referrals,
            asked_at=now,
            due_on=event.due_on,
        )

    def ask(self, contact: str | None, nonce: str) -> tuple["AskedDeletion", Sequence[Event]]:
        """Return it as sent to a person at the agency, which is told; without one, as it is."""
        if contact is None or self.confirmed_at is not None:
            return self, ()
        event = DeletionAsked(
            referral=self.referrals[0],
            request=self.id,
            agency=self.agency,
            contact=contact,
            nonce=nonce,
            due_on=self.due_on,
            again=self.asked > 0,
        )
        return self.having(contact=contact, nonce=nonce, asked=self.asked + 1), (event,)

    def confirm(self, now: datetime) -> tuple["AskedDeletion", Sequence[Event]]:
        """Return it confirmed by the agency; the first word stays, and a repeat is no event."""
        if self.confirmed_at is not None:
            return self, ()
        event = DeletionReported(referral=self.referrals[0], request=self.id, agency=self.agency)
        return self.having(confirmed_at=now), (event,)

    def settled(self, now: datetime) -> "AskedDeletion":
        """Return it as referral has it: somebody at the agency told the school."""
        return self if self.confirmed_at is not None else self.having(confirmed_at=now)


class DeletionLink(PageLink):
    """A link to the page of a confirmation."""

    COLLECTION: ClassVar[str] = "deletion_links"

    request: str


def need(asked: AskedDeletion | None) -> AskedDeletion:
    """Return what there is.

    Raises:
        EnlaceError: there is no such request.
    """
    if asked is None:
        raise unknown("page")
    return asked
