"""What staff know of the people around a child, and how a school system's words are understood."""

from datetime import time
from typing import Annotated
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict, Field

from contracts.code import Code
from contracts.codes import Language, Relation
from services.chassis.errors import rule
from services.chassis.languages import Languages

_RELATIONS = {
    "mother": Relation.MOTHER,
    "father": Relation.FATHER,
    "parent": Relation.GUARDIAN,
    "guardian": Relation.GUARDIAN,
    "grandparent": Relation.GRANDPARENT,
    "grandmother": Relation.GRANDPARENT,
    "grandfather": Relation.GRANDPARENT,
    "relative": Relation.RELATIVE,
    "aunt": Relation.RELATIVE,
    "uncle": Relation.RELATIVE,
    "sibling": Relation.RELATIVE,
}

MAX_PHONES = 4


class Insurance(Code):
    """How a child is insured."""

    MEDICAID = "medicaid"
    CHIP = "chip"
    PRIVATE = "private"
    UNINSURED = "uninsured"
    OTHER = "other"


class OtherPhone(BaseModel):
    """One more number, in E.164, and where it rings: `work`, `neighbour`."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    number: str
    label: str = ""


class ContactDetails(BaseModel):
    """What `details` of a contact holds once opened: for staff, never for messages.

    Attributes:
        speaks: what they speak, as BCP 47; apart from what they read.
        interpreter: whether one is needed; None where nobody has asked.
        reach_from: local time from which they like to be called.
        reach_until: and until when.
        custody_note: what a court or the other parent's lawyer says; for the coordinator alone.
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    family_name: str | None = None
    phones: Annotated[tuple[OtherPhone, ...], Field(max_length=MAX_PHONES)] = ()
    speaks: str | None = None
    interpreter: bool | None = None
    reach_from: time | None = None
    reach_until: time | None = None
    custody_note: str | None = None

    @property
    def empty(self) -> bool:
        """Whether nothing is known."""
        return self == ContactDetails()


def check_contact(*, may_be_told: bool, do_not_contact: bool) -> None:
    """Let a contact pass to whom nobody must turn only where they are told nothing either.

    Raises:
        EnlaceError: both are asked for.
    """
    if may_be_told and do_not_contact:
        raise rule(
            "do-not-contact",
            "Nobody may turn to this person, so that they cannot be told either. Nothing was "
            "changed: take the mark off if the order has ended, or leave `may_be_told` off.",
            es="Nadie debe dirigirse a esta persona, así que tampoco se le puede avisar. No se "
            "cambió nada: quite la marca si la orden terminó, o deje `may_be_told` sin marcar.",
        )


def roster_id(site: str, what: str, source_id: str) -> str:
    """Return the id of something that a school's roster names; the same at every import."""
    return str(uuid5(NAMESPACE_URL, f"https://enlace.org/rosters/{site}/{what}/{source_id}"))


def relation_of(text: str) -> Relation:
    """Return the relation that a school system's code means."""
    return _RELATIONS.get(text.strip().casefold(), Relation.OTHER)


def language_of(tag: str | None, languages: Languages) -> Language:
    """Return what somebody reads, where the district has that language; English otherwise."""
    whole = (tag or "en").strip().lower()
    for code in (whole, whole.split("-")[0]):
        if known := languages.get(code):
            return known.code
    return Language.ENGLISH
