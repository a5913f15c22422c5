"""Builds services: what they are, where they are offered, whom they serve, what to bring."""

from collections.abc import Iterable

from contracts.categories import Category
from services.chassis.needs import Needs
from services.chassis.tabular import Cells, split_list
from services.partner.directory.categories import (
    OPEN_ELIGIBILITY_NAME,
    OWN_TAXONOMY_NAME,
    category_of,
    is_open_eligibility_term,
)
from services.partner.directory.collect import Collected
from services.partner.directory.layout import Kind
from services.partner.directory.model import (
    Location,
    Organization,
    Program,
    RequiredDocument,
    Service,
    ServiceArea,
    ServiceAtLocation,
    ServiceStatus,
    TaxonomyTerm,
)
from services.partner.directory.places import leads_back

_STATUSES = {member.value: member for member in ServiceStatus}
_OLDEST = 130


def terms(rows: Collected, needs: Needs) -> dict[str, TaxonomyTerm]:
    """Builds the terms of the classification, each with the kind of need it stands for."""
    built = {}
    for id_, entry in rows[Kind.TAXONOMY_TERM].items():
        cells = Cells(entry.row, rows.log)
        name = cells.text("name")
        if name is None:
            cells.refuse("name", "The term has no name.", "Give it a name.")
            continue
        code, taxonomy = cells.text("code"), cells.text("taxonomy")
        built[id_] = TaxonomyTerm(
            source_id=id_,
            code=code,
            name=name,
            description=cells.text("description"),
            parent_source_id=cells.text("parent_id"),
            taxonomy=taxonomy,
            category=category_of(taxonomy, code or id_, needs),
        )
    return _in_a_tree(rows, built)


def _in_a_tree(rows: Collected, built: dict[str, TaxonomyTerm]) -> dict[str, TaxonomyTerm]:
    """Leaves out each parent that is not there, or that leads back to the term itself."""
    parents = {id_: each.parent_source_id for id_, each in built.items()}
    rooted: set[str] = set()
    for id_, term in list(built.items()):
        parent = term.parent_source_id
        if parent is None:
            continue
        if parent not in built:
            if is_open_eligibility_term(parent):
                continue  # its list of terms need not be brought along
            what = "No term of this package has this id."
            what_to_do = "Add the term, or leave this empty."
        elif leads_back(parents, id_, rooted):
            what = "The terms above this one lead back to it."
            what_to_do = "Give the topmost of them no parent."
        else:
            continue
        Cells(rows[Kind.TAXONOMY_TERM][id_].row, rows.log).ignore("parent_id", what, what_to_do)
        parents[id_] = None
        built[id_] = term.model_copy(update={"parent_source_id": None})
    return built


def services(
    rows: Collected,
    known: dict[str, Organization],
    groups: dict[str, Program],
    vocabulary: dict[str, TaxonomyTerm],
    needs: Needs,
) -> dict[str, Service]:
    """Builds every service that has a name and whose organization is in the package."""
    attached = _attached_terms(rows, vocabulary)
    built = {}
    for id_, entry in rows[Kind.SERVICE].items():
        cells = Cells(entry.row, rows.log)
        name, organization = cells.text("name"), cells.text("organization_id")
        if name is None:
            cells.refuse("name", "The service has no name.", "Give it the name it goes by.")
            continue
        if organization is None or organization not in known:
            cells.refuse(
                "organization_id",
                "The service names no organization of this package, so nobody would answer for it.",
                "Add the organization, or correct the id.",
            )
            continue
        lowest, highest = _ages(cells)
        term_ids = attached.get(id_, ())
        built[id_] = Service(
            source_id=id_,
            organization_source_id=organization,
            program_source_id=_program(cells, groups),
            name=name,
            alternate_name=cells.text("alternate_name"),
            description=cells.text("description"),
            url=cells.url("url"),
            email=cells.email("email"),
            status=_status(cells),
            interpretation_services=cells.text("interpretation_services"),
            application_process=cells.text("application_process"),
            fees_description=cells.text("fees_description"),
            wait_time=cells.text("wait_time"),
            eligibility_description=cells.text("eligibility_description"),
            audience=cells.text("audience"),
            minimum_age=lowest,
            maximum_age=highest,
            alert=cells.text("alert"),
            assured_date=cells.date("assured_date"),
            keywords=tuple(split_list(cells.text("keywords") or "")),
            taxonomy_term_source_ids=tuple(term_ids),
            categories=_categories(term_ids, vocabulary, needs),
        )
    return built


def _categories(
    term_ids: Iterable[str], vocabulary: dict[str, TaxonomyTerm], needs: Needs
) -> tuple[Category, ...]:
    """The needs that terms stand for. In an export of ours the first is the one it meets first."""
    own: dict[Category, None] = {}
    others: set[Category] = set()
    for id_ in term_ids:
        found, term = _category(id_, vocabulary, needs), vocabulary.get(id_)
        if found is None:
            continue
        if term is not None and term.taxonomy == OWN_TAXONOMY_NAME:
            own[found] = None
        else:
            others.add(found)
    return (*own, *sorted(others - own.keys(), key=lambda category: category.value))


def _category(term_id: str, vocabulary: dict[str, TaxonomyTerm], needs: Needs) -> Category | None:
    term = vocabulary.get(term_id)
    # A package may use the codes of Open Eligibility without bringing its list of terms along.
    if term is None:
        return category_of(OPEN_ELIGIBILITY_NAME, term_id, needs)
    return term.category


def _program(cells: Cells, groups: dict[str, Program]) -> str | None:
    program = cells.text("program_id")
    if program is None or program in groups:
        return program
    cells.ignore(
        "program_id",
        "No program of this package has this id.",
        "Add the program, or leave this empty.",
    )
    return None


def _status(cells: Cells) -> ServiceStatus | None:
    text = cells.text("status")
    if text is None:
        return None
    found = _STATUSES.get(text.casefold().replace("_", " "))
    if found is None:
        cells.ignore("status", "This is no known status.", f"Write one of {', '.join(_STATUSES)}.")
    return found


def _ages(cells: Cells) -> tuple[float | None, float | None]:
    lowest = cells.number("minimum_age", 0, _OLDEST)
    highest = cells.number("maximum_age", 0, _OLDEST)
    if lowest is not None and highest is not None and highest < lowest:
        cells.ignore(
            "maximum_age", "It is below the minimum age.", "Correct one of the two; both in years."
        )
        highest = None
    return lowest, highest


def _attached_terms(
    rows: Collected, vocabulary: dict[str, TaxonomyTerm]
) -> dict[str, dict[str, None]]:
    """The ids of terms by service, once each, in the order of the file."""
    attached: dict[str, dict[str, None]] = {}
    for row in rows.attributes:
        cells = Cells(row, rows.log)
        link, term = cells.text("link_id"), cells.text("taxonomy_term_id")
        entity = cells.text("link_entity")
        if link is None or link not in rows[Kind.SERVICE]:
            if any(link in rows[kind] for kind in Kind):
                rows.log.ignore(row.file, f"attribute of {entity or 'another record'}")
            else:
                cells.refuse(
                    "link_id",
                    "No record of this package has this id.",
                    "Correct the id, or remove the row.",
                )
        elif term is None or (term not in vocabulary and not is_open_eligibility_term(term)):
            cells.ignore(
                "taxonomy_term_id",
                "No term of this package has this id.",
                "Add the term, or correct the id.",
            )
        else:
            attached.setdefault(link, {})[term] = None
    return attached


def services_at_locations(
    rows: Collected, offered: dict[str, Service], places: dict[str, Location]
) -> dict[str, ServiceAtLocation]:
    """Builds what joins a service to a place, where both are there."""
    built = {}
    for id_, entry in rows[Kind.SERVICE_AT_LOCATION].items():
        cells = Cells(entry.row, rows.log)
        service, location = cells.text("service_id"), cells.text("location_id")
        if service is None or service not in offered:
            unknown(cells, "service_id", "service")
        elif location is None or location not in places:
            unknown(cells, "location_id", "location")
        else:
            built[id_] = ServiceAtLocation(
                source_id=id_,
                service_source_id=service,
                location_source_id=location,
                description=cells.text("description"),
            )
    return built


def service_areas(rows: Collected, offered: dict[str, Service]) -> dict[str, ServiceArea]:
    """Builds the areas that services cover."""
    built = {}
    for id_, entry in rows[Kind.SERVICE_AREA].items():
        cells = Cells(entry.row, rows.log)
        service = cells.text("service_id")
        if service is None or service not in offered:
            unknown(cells, "service_id", "service")
            continue
        built[id_] = ServiceArea(
            source_id=id_,
            service_source_id=service,
            name=cells.text("name"),
            description=cells.text("description"),
            extent=cells.text("extent"),
            extent_type=cells.text("extent_type"),
        )
    return built


def required_documents(rows: Collected, offered: dict[str, Service]) -> dict[str, RequiredDocument]:
    """Builds what people are to bring."""
    built = {}
    for id_, entry in rows[Kind.REQUIRED_DOCUMENT].items():
        cells = Cells(entry.row, rows.log)
        service, document = cells.text("service_id"), cells.text("document")
        if service is None or service not in offered:
            unknown(cells, "service_id", "service")
        elif document is None:
            cells.refuse("document", "The document has no name.", "Say what people are to bring.")
        else:
            built[id_] = RequiredDocument(
                source_id=id_, service_source_id=service, document=document, uri=cells.url("uri")
            )
    return built


def unknown(cells: Cells, column: str, what: str) -> None:
    """Refuses a row that names a record which is not there."""
    cells.refuse(
        column,
        f"No {what} that could be read has this id.",
        f"Add the {what}, or correct the id.",
    )
