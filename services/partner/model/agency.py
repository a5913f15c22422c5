"""An agency and the people at it. Its name is public; its people are sealed."""

from datetime import datetime
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.agencies import AgencyChanged, AgencyContact
from contracts.codes import Channel, Language
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.partner.model.confirmed import Confirmed
from services.partner.model.listing import AgencyListing
from services.partner.model.names import fold
from services.partner.model.threeway import Difference, Fields


class Contact(BaseModel):
    """A person at an agency.

    Attributes:
        profile: a sealed `contracts.agencies.ContactProfile`.
        channels: by which a message can reach them; none for a name without an address.
        mark: keyed hash of the profile, to tell whether it has changed without opening it.
        address: the same of phone and email alone.
        entered_by: who entered an address that nobody else has confirmed; see `registered`.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    reads: Language
    channels: tuple[Channel, ...]
    profile: Sealed
    mark: str = ""
    address: str = ""
    entered_by: str | None = None


class Agency(Aggregate):
    """An agency.

    Attributes:
        listing: what its directory says of it besides.
        source: the directory it was imported from; None for one that staff entered.
        source_id: its id there.
        source_fingerprint: keyed hash of what was imported, to tell whether it has changed.
        sourced: what its directory said last, by field, its people by mark; see `threeway`.
        differences: what its directory and staff have both changed, until somebody settles it.
        offered: people as the directory has them now, of those that differ.
        confirmed: who last said that its entries hold.
        asked: the asking that is out, or was last: the nonce of its link; empty before the first.
        asked_at: when that was.
        confirmed_asking: the asking that the agency has answered.
        next_due: when it is asked next whether its entries hold.
        fingerprint: keyed hash of the body that staff sent last; empty after an import.
        created: keyed hash of the body that entered it, so that a late repeat is known as one.
    """

    COLLECTION: ClassVar[str] = "agencies"
    STAMPED: ClassVar[bool] = True

    name: str
    contacts: tuple[Contact, ...] = ()
    description: str | None = None
    website: str | None = None
    listing: AgencyListing = AgencyListing()
    retired: bool = False
    source: str | None = None
    source_id: str | None = None
    source_fingerprint: str | None = None
    sourced: dict[str, Any] = Field(default_factory=dict)
    differences: tuple[Difference, ...] = ()
    offered: tuple[Contact, ...] = ()
    confirmed: Confirmed | None = None
    asked: str = ""
    asked_at: datetime | None = None
    confirmed_asking: str = ""
    next_due: datetime | None = None
    fingerprint: str = ""
    created: str = ""

    def contact(self, id: str) -> Contact | None:
        """Return one of its people."""
        return next((contact for contact in self.contacts if contact.id == id), None)

    def answers_by(self, id: str) -> bool:
        """Tell whether somebody answers for it: it takes part, and they are of its people."""
        return not self.retired and self.contact(id) is not None

    def fields(self) -> Fields:
        """Return what a directory can say of it, its people by mark."""
        own: Fields = self.model_dump(mode="json", include=set(SOURCED))
        return own | {f"{PERSON}{each.id}": each.mark for each in self.contacts}

    @property
    def answers(self) -> Contact | None:
        """The person whom offers go to: the first who can be reached."""
        return next((contact for contact in self.contacts if contact.channels), None)

    def event(self) -> AgencyChanged:
        """Return its present state for the other services."""
        contacts = tuple(
            AgencyContact(contact=each.id, profile=each.profile) for each in self.contacts
        )
        return AgencyChanged(
            agency=self.id, name=self.name, contacts=contacts, retired=self.retired
        )

    def to_document(self) -> dict[str, Any]:
        """Return the BSON form, with the name as it is searched and sorted."""
        return {**super().to_document(), "name_folded": fold(self.name)}


SOURCED = frozenset({"name", "description", "website", "listing", "retired"})
"""What a directory says of an agency, besides its people."""
PERSON = "contacts."
"""What the field of a person starts with."""
