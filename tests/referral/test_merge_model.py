"""Two households as one and parted again, as given / when / then. All people are invented."""

from typing import Any

import pytest

from contracts.codes import Language, Relation
from services.chassis.errors import EnlaceError
from services.referral.model import merge as model
from services.referral.model.merge import FamilyMerge, MergeReason, Parted, joined, merge
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


def part(
    made: FamilyMerge,
    kept: Family,
    absorbed: Family,
    staying: tuple[str, ...] = ("ana",),
    going: tuple[str, ...] = ("luis", "noor"),
) -> tuple[Parted, Parted]:
    return model.part(made, kept, absorbed, staying=staying, going=going)


def with_(family: Family, changed: Contact) -> Family:
    """Return a household in which somebody was changed."""
    known = tuple(changed if each.id == changed.id else each for each in family.contacts)
    return family.having(contacts=known)


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

    stays, goes = part(made, kept, absorbed)

    assert (stays.contacts, goes.contacts) == (KEPT.contacts, ABSORBED.contacts)


def test_who_was_changed_since_stays_as_they_are_and_hears_as_before() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)
    changed = contact("omar", may_be_told=False, do_not_contact=True)

    _, goes = part(made, with_(kept, changed), absorbed)

    assert goes.contacts == (changed, ABSORBED.contacts[1])


@pytest.mark.parametrize(
    ("before", "now", "after"),
    [
        (None, ("luis",), ("luis",)),
        (None, ("luis", "ana"), ("luis",)),
        (None, (), ()),
        (None, None, None),
        (("luis",), None, ("luis",)),
        (("luis",), ("luis", "noor"), ("luis",)),
        (("luis", "noor"), ("noor",), ("noor",)),
        (("luis",), ("noor",), ()),
    ],
)
def test_undone_nobody_hears_of_a_child_they_did_not_hear_of_before_or_by_now(
    before: tuple[str, ...] | None, now: tuple[str, ...] | None, after: tuple[str, ...] | None
) -> None:
    absorbed = household("fam-a", contact("omar", only_of=before))
    made = record(KEPT, absorbed)
    kept, shell, _ = merge(KEPT, absorbed, made)

    _, goes = part(made, with_(kept, contact("omar", only_of=now)), shell)

    (omar,) = goes.contacts
    assert omar.only_of == after


def test_who_heard_of_all_does_not_hear_of_a_child_who_joined_since() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)

    stays, goes = part(made, kept, absorbed, staying=("ana", "late"))

    assert [each.only_of for each in stays.contacts] == [("ana",)]
    assert goes.contacts == ABSORBED.contacts


def test_who_was_entered_since_for_those_who_go_back_goes_with_them_and_else_stays() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)
    guardian = contact("guardian", only_of=("luis",))
    late, both = contact("late"), contact("both", only_of=("ana", "luis"))
    nobodys = contact("nobodys", only_of=())
    since = (guardian, late, both, nobodys)

    stays, goes = part(made, kept.having(contacts=(*kept.contacts, *since)), absorbed)

    assert stays.contacts == (*KEPT.contacts, late, both, nobodys)
    assert goes.contacts == (*ABSORBED.contacts, guardian)


def test_who_a_roster_names_no_more_since_is_told_no_more_and_goes_back_as_such() -> None:
    made = record(KEPT, ABSORBED)
    kept, absorbed, _ = merge(KEPT, ABSORBED, made)
    omar, others = kept.contacts[1], (kept.contacts[0], kept.contacts[2])

    stays, goes = part(made, kept.having(contacts=others, former=(omar,)), absorbed)

    assert (stays.former, goes.contacts) == ((), ABSORBED.contacts[1:])
    assert goes.former == ABSORBED.contacts[:1]


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
