"""Who may read what of a family's record in a copy of it (34 CFR 99.10). Pure.

Each rule fails to silence:

* A child-protection report is in no copy, and so are notes that are their author's alone.
* What a student confided is in no guardian's copy; where there is anything of the kind, words that
  name no referral are left out too, for they could speak of it.
* A restricted need is only in the copy of the guardian who consented to it.
* Of the other people around the child a copy has name and relation, and no address.
* Each school opens its own children's records: a child of the household who goes to another school
  is in the copy that is made there.
* A contact's copy has the children of whom they may be told and nobody else's: households that were
  merged are one, and their people hear no more than before.
"""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from contracts.categories import Category
from contracts.codes import Audience
from services.referral.model.consent import Consent, ConsentBook
from services.referral.model.people import Contact
from services.referral.model.referral import Referral


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a copy is for: one of the contacts, or a student who asks for their own.

    Attributes:
        contact: the contact; None where it is a student's.
        children: of the household, those whose records the member of staff who makes it may open.
        restricted: needs whose name alone can harm.
        named: those of the children whose restricted needs that member of staff may see.
    """

    person: str
    contact: Contact | None
    children: frozenset[str]
    restricted: Container[Category]
    named: frozenset[str]

    @property
    def is_student(self) -> bool:
        """Whether it is a student's own copy."""
        return self.contact is None

    def reads_child(self, student: str) -> bool:
        """Tell whether a child is in the copy."""
        return student in self.children and self.may_have(student)

    def may_have(self, student: str) -> bool:
        """Tell whether a child's record may be copied for this reader, by whoever may open it."""
        if self.contact is None:
            return student == self.person
        return self.contact.hears_of(student)

    def reads_of(self, other: Contact, children: Sequence[str]) -> bool:
        """Tell whether another contact's name is in the copy: around one of its `children`."""
        return other.id == self.person or other.stands_around(children)

    def reads_referral(self, referral: Referral, book: ConsentBook | None) -> bool:
        """Tell whether a referral is in the copy."""
        if not self.reads_child(referral.student):
            return False
        sensitive = referral.category in self.restricted
        if sensitive and referral.student not in self.named:
            return False
        if self.is_student:
            return True
        if referral.audience is Audience.STUDENT:
            return False
        if book is not None and book.confidential(referral.category):
            return False
        return not sensitive or self._consented(referral.category, book)

    def reads_consent(self, book: ConsentBook, consent: Consent) -> bool:
        """Tell whether a consent is in the copy."""
        sensitive = any(each in self.restricted for each in consent.categories)
        delicate = sensitive or book.own(consent)
        if not self.reads_child(book.id) or (delicate and book.id not in self.named):
            return False
        if self.is_student:
            return True
        return not book.own(consent) and (not sensitive or consent.given_by == self.person)

    def reads_words(self, referral: str | None, told: Mapping[str, bool], *, safe: bool) -> bool:
        """Tell whether words on a child are in the copy.

        Args:
            referral: which they are about; None: none that they name.
            told: whether each of the child's referrals is in it.
            safe: nothing of the child's is kept from this reader.
        """
        return safe if referral is None else told.get(referral, False)

    def _consented(self, category: Category, book: ConsentBook | None) -> bool:
        return book is not None and any(
            each.given_by == self.person and category in each.categories for each in book.consents
        )
