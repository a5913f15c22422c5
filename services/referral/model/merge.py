"""Two households that are one: merged, and parted again as they were. Pure.

A merge lets nobody hear of a child they could not hear of before: whoever stands around a household
is told of the children they came with, until staff say more of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule
from services.referral.model.people import MAX_CONTACTS, Contact, Family


class MergeReason(Code):
    """Why two households were merged, or parted again."""

    ENTERED_TWICE = "entered-twice"
    ONE_HOUSEHOLD = "one-household"
    MISTAKE = "mistake"
    OTHER = "other"


class FamilyMerge(Aggregate):
    """One merge: who did it, when and why, and what was there before.

    Attributes:
        kept: the household that stays.
        absorbed: the one that came into it.
        site: the kept one's school.
        absorbed_site: the other's.
        students: the children who came.
        kept_before: the contacts of the kept one, as they were.
        absorbed_before: those of the other.
        after: all of them, as the merge left them.
        by: subject of who did it.
        why: in words, sealed under the key of somebody of the household.
    """

    COLLECTION: ClassVar[str] = "family_merges"

    kept: str
    absorbed: str
    site: str
    absorbed_site: str
    students: tuple[str, ...]
    kept_before: tuple[Contact, ...]
    absorbed_before: tuple[Contact, ...]
    after: tuple[Contact, ...]
    by: str
    at: datetime
    reason: MergeReason
    why: Sealed | None
    fingerprint: str
    undone_by: str | None = None
    undone_at: datetime | None = None
    undone_reason: MergeReason | None = None


def joined(
    kept: Family, absorbed: Family, children: Mapping[str, Sequence[str]]
) -> tuple[Contact, ...]:
    """Return the contacts of two households as one, each hearing of whom they heard before.

    Args:
        kept: the household that stays.
        absorbed: the one that comes into it.
        children: the children of each, by its id.

    Raises:
        EnlaceError: they cannot be one.
    """
    if kept.id == absorbed.id:
        raise rule(
            "same-family",
            "A household cannot be merged with itself. Nothing was changed: name two households.",
            es="Una familia no se puede unir consigo misma. No se cambió nada: indique dos.",
        )
    for each in (kept, absorbed):
        if each.merged_into is not None:
            raise rule(
                "merged-away",
                f"The household {each.id} was merged into {each.merged_into} already. Nothing was "
                "changed: use that one, or undo that merge first.",
                es=f"La familia {each.id} ya se unió a {each.merged_into}. No se cambió nada: use "
                "esa, o deshaga antes esa unión.",
            )
    contacts = tuple(
        _hearing_as_before(contact, children.get(family.id, ()))
        for family in (kept, absorbed)
        for contact in family.contacts
    )
    if len(contacts) > MAX_CONTACTS:
        raise rule(
            "too-many-contacts",
            f"Together they would have {len(contacts)} people around them, and {MAX_CONTACTS} can "
            "be kept. Nothing was changed: check that these really are one household.",
            es=f"Juntas tendrían {len(contacts)} personas, y caben {MAX_CONTACTS}. No se cambió "
            "nada: revise si de verdad son una sola familia.",
        )
    return contacts


def _hearing_as_before(contact: Contact, children: Sequence[str]) -> Contact:
    if contact.only_of is not None:
        return contact
    return contact.model_copy(update={"only_of": tuple(sorted(children))})


def merge(
    kept: Family, absorbed: Family, record: FamilyMerge
) -> tuple[Family, Family, FamilyMerge]:
    """Return both households and the record, once they are one."""
    return (
        kept.having(contacts=record.after, absorbed=(*kept.absorbed, absorbed.id)),
        absorbed.having(contacts=(), merged_into=kept.id),
        record,
    )


def part(
    record: FamilyMerge, kept: Family, absorbed: Family
) -> tuple[tuple[Contact, ...], tuple[Contact, ...]]:
    """Return the contacts of the kept and of the other household, parted again.

    Whoever nobody has touched since is exactly as before. Whoever was changed since stays as they
    are now, and hears of whom they heard before. Whoever joined since stays with the kept one.

    Raises:
        EnlaceError: it is undone already, or a later merge stands on it.
    """
    if record.undone_at is not None:
        raise rule(
            "undone-already",
            "This merge was undone already. Nothing was changed.",
            es="Esta unión ya se deshizo. No se cambió nada.",
        )
    if kept.merged_into is not None:
        raise rule(
            "merged-on",
            f"The household was merged into {kept.merged_into} since. Nothing was changed: undo "
            "that merge first.",
            es=f"La familia se unió después a {kept.merged_into}. No se cambió nada: deshaga antes "
            "esa unión.",
        )
    if not kept.absorbed or kept.absorbed[-1] != absorbed.id:
        raise rule(
            "merged-on",
            "Another household was merged into this one since. Nothing was changed: undo the "
            "latest merge first.",
            es="Después se unió otra familia a esta. No se cambió nada: deshaga antes la última.",
        )
    left = {each.id: each for each in record.after}
    now = {each.id: each for each in kept.contacts}

    def back(before: Contact) -> Contact:
        current = now.get(before.id)
        if current is None or current == left.get(before.id):
            return before
        return current.model_copy(update={"only_of": before.only_of})

    joined_since = tuple(each for each in kept.contacts if each.id not in left)
    return (
        (*(back(each) for each in record.kept_before), *joined_since),
        tuple(back(each) for each in record.absorbed_before),
    )
