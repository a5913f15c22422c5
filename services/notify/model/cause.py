"""What notify remembers of referrals and their offerings, as far as messages need it."""

from typing import ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.categories import Category
from contracts.codes import Audience, LinkPurpose, Urgency
from contracts.referrals import ReferralCreated
from services.chassis.aggregate import Aggregate


class LinkSource(BaseModel):
    """From what a link or code of one recipient is derived; worthless without the link key.

    Attributes:
        purpose: a `LinkPurpose`, or `identity` for a code.
        number: by which the recipient can answer in a text, where there is one.
    """

    model_config = ConfigDict(frozen=True)

    purpose: str
    subject: str
    nonce: str
    number: str | None = None


IDENTITY = "identity"
"""Purpose of the code that opens who a child is."""


class KnownReferral(Aggregate):
    """A referral, from the topic `referrals`.

    Attributes:
        recalled: the last round that was taken back before anybody had acted; None: none was.
    """

    COLLECTION: ClassVar[str] = "referrals"

    family: str
    student: str
    site: str
    category: Category
    urgency: Urgency
    audience: Audience
    coordinator: str
    nonce: str
    recalled: int | None = None

    @classmethod
    def of(cls, event: ReferralCreated) -> Self:
        """Return what is kept of a referral: by name, for an event may say more one day."""
        needed = set(cls.model_fields) & set(ReferralCreated.model_fields)
        return cls.model_validate({**event.model_dump(include=needed), "id": event.referral})

    @property
    def family_link(self) -> LinkSource:
        """The source of the family's link to where things stand."""
        return LinkSource(purpose=LinkPurpose.FAMILY_STATUS, subject=self.id, nonce=self.nonce)

    @property
    def urgent(self) -> bool:
        """Whether the family may not be kept waiting by the week's limit."""
        return self.urgency in {Urgency.URGENT, Urgency.CRISIS}


class Many(BaseModel):
    """How many offers a message speaks of, and what came of a word on them.

    Attributes:
        result: a `BatchResult`; empty while nothing was said.
    """

    model_config = ConfigDict(frozen=True)

    count: int
    taken: int = 0
    left: int = 0
    result: str = ""


class Claimed(BaseModel):
    """Who was offered a child or has claimed it, and by which offer.

    Attributes:
        number: of the offer, in texts with this contact.
        batch: one of many that were made at once: their contact hears of all of them together.
        answered: there is an answer to the offer, or none is needed any more.
    """

    model_config = ConfigDict(frozen=True)

    offer: str
    contact: str
    nonce: str
    number: str | None = None
    batch: bool = False
    answered: bool = False

    @property
    def link(self) -> LinkSource:
        """The source of the agency's link to its answer."""
        return LinkSource(
            purpose=LinkPurpose.AGENCY_ANSWER,
            subject=self.offer,
            nonce=self.nonce,
            number=self.number,
        )


class KnownOffering(Aggregate):
    """A referral's offers and claims, from the topic `offerings`; the id is the referral's.

    Attributes:
        offers: by offer id.
        claims: by claim id.
    """

    COLLECTION: ClassVar[str] = "offerings"

    offers: dict[str, Claimed] = Field(default_factory=dict)
    claims: dict[str, Claimed] = Field(default_factory=dict)
