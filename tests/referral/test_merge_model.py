"""Two households as one and parted again, as given / when / then. All people are invented."""

from typing import Any

import pytest

from contracts.codes import Language, Relation
from services.chassis.errors import EnlaceError
from services.referral.model.merge import FamilyMerge, MergeReason, joined, merge, part
from services.referral.model.people import MAX_CONTACTS, Contact, Family
from tests.referral.build import NOW, SEALED

CHILDREN = {"fam-k": ["ana"], "fam-a": ["luis", "noor"]}


def contact(id: str, **changes: Any) -> Contact:
    fields = {
        "id": id,
        "relation": Relation.MOTHER,
        "reads": Language.SPANISH,
        "may_be_told": True,
        "profile": SEALED,
    }
    return Contact(**{**fields, **changes})


def household(id: str, *contacts: Contact, **changes: Any) -> Family:
    return Family(id=id, site="site-01", contacts=contacts, fingerprint="f", version=3, **changes)


def record(kept: Family, absorbed: Family) -> FamilyMerge:
    return FamilyMerge(
        id="mer-1",
        kept=kept.id,
        absorbed=absorbed.id,
        site="site-01",
        absorbed_site="site-01",
        students=("luis", "noor"),
        kept_before=kept.contacts,
        absorbed_before=absorbed.contacts,
        after=joined(kept, absorbed, CHILDREN),
        by="rosa",
        at=NOW,
        reason=MergeReason.ONE_HOUSEHOLD,
        why=None,
        fingerprint="f",
    )


KEPT = household("fam-k", contact("elena"))
ABSORBED = household("fam-a", contact("omar"), contact("max", may_be_told=False))


def test_nobody_hears_of_a_child_they_could_not_hear_of_before() -> None:
    kept, absorbed, _ = merge(KEPT, ABSORBED, record(KEPT, ABSORBED))

    hears = {each.id: [c for c in ("ana", "luis") if each.hears_of(c)] for each in kept.contacts}
    assert hears == {"elena": ["ana"], "omar": ["luis"], "max": []}
    assert (kept.absorbed, absorbed.merged_into, absorbed.contacts) == (("fam-a",), "fam-k", ())


def test_undone_at_once_both_are_exactly_as_before() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)

    assert part(made, kept, absorbed) == (KEPT.contacts, ABSORBED.contacts)


def test_who_was_changed_since_stays_as_they_are_and_hears_as_before() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)
    changed = contact("omar", may_be_told=False, do_not_contact=True)
    others = tuple(each for each in kept.contacts if each.id != "omar")

    _, goes = part(made, kept.having(contacts=(*others, changed)), absorbed)

    assert goes == (changed, ABSORBED.contacts[1])


def test_who_joined_since_stays_with_the_kept_one() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)
    late = contact("late")

    stays, goes = part(made, kept.having(contacts=(*kept.contacts, late)), absorbed)

    assert (stays, goes) == ((*KEPT.contacts, late), ABSORBED.contacts)


def test_who_a_roster_dropped_since_is_there_again() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)

    _, goes = part(made, kept.having(contacts=kept.contacts[:1]), absorbed)

    assert goes == ABSORBED.contacts


@pytest.mark.parametrize(
    ("kept", "absorbed", "slug"),
    [
        (KEPT, KEPT, "same-family"),
        (KEPT, household("fam-a", merged_into="fam-x"), "merged-away"),
        (household("fam-k", merged_into="fam-x"), ABSORBED, "merged-away"),
        (
            household("fam-k", *(contact(f"c{n}") for n in range(MAX_CONTACTS))),
            ABSORBED,
            "too-many-contacts",
        ),
    ],
)
def test_what_cannot_be_one_is_refused(kept: Family, absorbed: Family, slug: str) -> None:
    with pytest.raises(EnlaceError) as refused:
        joined(kept, absorbed, CHILDREN)
    assert refused.value.slug == slug


@pytest.mark.parametrize(
    ("kept", "made", "slug"),
    [
        ({}, {"undone_at": NOW}, "undone-already"),
        ({"merged_into": "fam-x"}, {}, "merged-on"),
        ({"absorbed": ("fam-a", "fam-b")}, {}, "merged-on"),
    ],
)
def test_only_the_latest_merge_is_undone_and_only_once(
    kept: dict[str, Any], made: dict[str, Any], slug: str
) -> None:
    written = record(KEPT, ABSORBED)
    after, absorbed, _ = merge(KEPT, ABSORBED, written)
    with pytest.raises(EnlaceError) as refused:
        part(written.having(**made), after.having(**kept), absorbed)
    assert refused.value.slug == slug
