"""Two households that are one: merged, and parted again as they were. Pure.

A merge lets nobody hear of a child they could not hear of before: whoever stands around a household
is told of the children they came with, until staff say more of them.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple

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


class Parted(NamedTuple):
    """Whom a household has once two are parted: its contacts, and those of earlier rosters."""

    contacts: tuple[Contact, ...]
    former: tuple[Contact, ...]


def part(
    record: FamilyMerge,
    kept: Family,
    absorbed: Family,
    *,
    staying: Collection[str],
    going: Collection[str],
) -> tuple[Parted, Parted]:
    """Return the people of the kept and of the other household, parted again.

    Whoever nobody has touched since is exactly as before. Whoever was changed since stays as they
    are now. Of no child does anybody hear of whom they do not hear now: what staff have narrowed
    stays narrow, and who is told of children by name is not told of one who has joined since.
    Whoever was entered since for children who go back goes with them, and else stays.

    Args:
        record: of the merge.
        kept: the household that stays, as it is now.
        absorbed: the other.
        staying: the children who stay with the kept one.
        going: those who go back.

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
    people = _Parting(record, staying=staying, going=going)
    return (
        Parted(people.staying(kept.contacts), people.staying(kept.former)),
        Parted(people.going(kept.contacts), (*absorbed.former, *people.going(kept.former))),
    )


class _Parting:
    """Puts people into the household that is theirs once two are parted."""

    def __init__(
        self, record: FamilyMerge, *, staying: Collection[str], going: Collection[str]
    ) -> None:
        self._of_kept = {each.id: each for each in record.kept_before}
        self._of_other = {each.id: each for each in record.absorbed_before}
        self._left = {each.id: each for each in record.after}
        self._staying, self._going = frozenset(staying), frozenset(going)

    def staying(self, now: Sequence[Contact]) -> tuple[Contact, ...]:
        """Return those of these who stay, in the order in which they stand."""
        return tuple(
            self._back(each, self._of_kept, self._staying) for each in now if not self._goes(each)
        )

    def going(self, now: Sequence[Contact]) -> tuple[Contact, ...]:
        """Return those of these who go."""
        return tuple(
            self._back(each, self._of_other, self._going) for each in now if self._goes(each)
        )

    def _goes(self, each: Contact) -> bool:
        if each.id in self._left:
            return each.id in self._of_other
        # Entered since: one whose children all go back goes with them.
        return bool(each.only_of) and self._going.issuperset(each.only_of or ())

    def _back(
        self, now: Contact, known: Mapping[str, Contact], children: frozenset[str]
    ) -> Contact:
        before, left = known.get(now.id), self._left.get(now.id)
        if before is None or left is None:
            return now
        hears = _narrower(before.only_of, left.only_of, now.only_of, children)
        return now.model_copy(update={"only_of": hears})


def _narrower(
    before: tuple[str, ...] | None,
    left: tuple[str, ...] | None,
    now: tuple[str, ...] | None,
    children: frozenset[str],
) -> tuple[str, ...] | None:
    """Return of whom somebody hears once parted: of nobody of whom they do not hear now.

    Args:
        before: of whom before the merge; None: of all of the household.
        left: of whom as the merge left it.
        now: of whom now.
        children: of the household into which they come.
    """
    if now is None:
        return before
    if before is not None:
        return tuple(each for each in before if each in now)
    if now == left and children.issubset(now):
        return None
    return tuple(each for each in now if each in children)
