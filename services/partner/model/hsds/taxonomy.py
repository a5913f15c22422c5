"""Classifications: Enlace's own needs, and the terms that directories brought along."""

from collections.abc import Iterable

from contracts.categories import Category
from services.partner.model.hsds.ids import Record, derived, told
from services.partner.model.listing import Term
from services.partner.model.service import UNCATEGORIZED, Service

ENLACE = "Enlace"
"""The classification by which an import of ours knows needs again."""
_UNNAMED = "(unnamed)"


def taxonomy(name: str) -> Record:
    """Return a classification."""
    described = (
        "Kinds of need of families and children, as Enlace offers and counts them."
        if name == ENLACE
        else f"The classification {name}, as a directory brought it."
    )
    return {"id": derived("taxonomy", name), "name": name, "description": described}


def need_term(category: Category) -> Record:
    """Return a kind of need as a term."""
    words = category.value.replace("-", " ")
    return {
        "id": derived("term", ENLACE, category.value),
        "code": category.value,
        "name": words.capitalize(),
        "description": f"What a family needs: {words}.",
        "taxonomy": ENLACE,
        "taxonomy_detail": taxonomy(ENLACE),
        "language": "en",
    }


def term(listed: Term) -> Record:
    """Return a term of a directory."""
    name = listed.taxonomy or _UNNAMED
    return told(
        {
            "id": term_id(listed),
            "code": listed.code,
            "name": listed.name,
            # The standard asks for one of everybody.
            "description": listed.description or listed.name,
            "taxonomy": name,
            "taxonomy_detail": taxonomy(name),
            # One whose parent no directory has brought would point nowhere.
            "parent_id": term_id(listed.above[0]) if listed.above else None,
        }
    )


def term_id(listed: Term) -> str:
    """Return a term's id: the same in every directory of its classification."""
    return derived("term", listed.taxonomy or _UNNAMED, listed.id)


def terms_of(service: Service) -> list[Record]:
    """Return the terms of a service: its needs first."""
    needs = [each for each in (service.category, *service.also) if each != UNCATEGORIZED]
    return [*map(need_term, needs), *map(term, service.listing.terms)]


def all_terms(listed: Iterable[Term], needs: Iterable[Category]) -> list[Record]:
    """Return every term, the district's needs among them; a term of several directories once."""
    found = {each["id"]: each for each in map(need_term, needs)}
    for each in listed:
        for at, one in enumerate(each.above):
            above = one.model_copy(update={"above": each.above[at + 1 :]})
            found[term_id(above)] = term(above)
        found[term_id(each)] = term(each)
    return sorted(found.values(), key=lambda each: (each["taxonomy"], each["name"], each["id"]))


def all_taxonomies(listed: Iterable[Term]) -> list[Record]:
    """Return every classification, by name."""
    return [taxonomy(name) for name in sorted({ENLACE, *(e.taxonomy or _UNNAMED for e in listed)})]
