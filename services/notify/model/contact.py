"""The contact book: who can be reached, as it came, sealed."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import ClassVar

from contracts.agencies import ContactProfile
from contracts.codes import Channel, Language
from contracts.people import PersonKind, Profile
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate


class Book(StrEnum):
    """Whose keys a profile is sealed under: the vault's name within the cell."""

    PEOPLE = "people"
    AGENCIES = "agencies"


class Contact(Aggregate):
    """Somebody who can be written to. Erased: a stub without a profile, so that nothing waits.

    Attributes:
        kind: student or contact; None for staff of an agency.
        household: the family, or the agency.
        number: keyed hash of the telephone number, once the profile was opened for it.
        indexed: whether `number` is of this profile.
        wrong: keyed hash of the number that is not theirs, or takes no texts: none are sent there.
        missed: texts in a row that found their handset out of reach.
    """

    COLLECTION: ClassVar[str] = "contacts"

    book: Book
    household: str
    kind: PersonKind | None = None
    profile: Sealed | None = None
    number: str | None = None
    indexed: bool = False
    wrong: str | None = None
    missed: int = 0

    @property
    def erased(self) -> bool:
        """Whether nothing is known any more."""
        return self.profile is None


@dataclass(frozen=True, slots=True)
class Reach:
    """How somebody is reached: a profile, opened; never stored, never logged.

    Attributes:
        reach_from: local time from which they like to be reached; None: as all.
        reach_until: and until when.
    """

    name: str
    reads: Language
    phone: str | None
    email: str | None
    preferred: Channel
    may_be_told: bool
    zone: str
    reach_from: time | None = None
    reach_until: time | None = None

    @classmethod
    def of(cls, profile: Profile | ContactProfile) -> "Reach":
        """Read a profile of either book; staff of an agency may always be told of its offers."""
        if isinstance(profile, Profile):
            name, may_be_told = profile.given_name, profile.may_be_told
            hours = (profile.reach_from, profile.reach_until)
        else:
            name, may_be_told, hours = profile.name, True, (None, None)
        return cls(
            name=name,
            reads=profile.reads,
            phone=profile.phone,
            email=profile.email,
            preferred=profile.preferred,
            may_be_told=may_be_told,
            zone=profile.zone,
            reach_from=hours[0],
            reach_until=hours[1],
        )

    def address(self, channel: Channel) -> str | None:
        """Return the address on a channel."""
        return self.phone if channel is Channel.SMS else self.email

    @property
    def channel(self) -> Channel | None:
        """The channel that is preferred, or the one there is; None for nobody we can reach."""
        if self.address(self.preferred) is not None:
            return self.preferred
        other = Channel.EMAIL if self.preferred is Channel.SMS else Channel.SMS
        return other if self.address(other) is not None else None
