"""Services, as lists have them and with all that hangs on them."""

from datetime import datetime

from services.partner.model.agency import Agency
from services.partner.model.comparable import cost_of, interpreter_of, zips_of
from services.partner.model.hsds.desks import languages, telephones
from services.partner.model.hsds.ids import Record, derived, told, uuid_of, web
from services.partner.model.hsds.organizations import (
    NOBODY,
    People,
    contacts,
    organization,
    program,
)
from services.partner.model.hsds.places import at_location
from services.partner.model.hsds.taxonomy import terms_of
from services.partner.model.hsds.times import service_schedules
from services.partner.model.listing import Price
from services.partner.model.service import Service
from services.partner.model.terms import Cost


def service(of: Service, agency: Agency | None, modified: datetime | None) -> Record:
    """Return a service as lists have it: what there is one of."""
    said = of.listing
    return told(
        {
            "id": uuid_of(of.id),
            "organization_id": uuid_of(of.agency),
            "program_id": derived("program", of.agency, said.program.id) if said.program else None,
            "name": of.name,
            "alternate_name": said.alternate_name,
            "description": of.description,
            "url": web(said.url),
            "email": said.email,
            "status": (said.status or "inactive") if of.retired else "active",
            "interpretation_services": _interpreter(of),
            "application_process": said.application_process,
            "fees_description": _fees(of),
            "wait_time": said.wait_time,
            "eligibility_description": said.eligibility_description,
            "minimum_age": of.minimum_age,
            "maximum_age": of.maximum_age,
            "alert": said.alert,
            "assured_date": None if of.confirmed is None else of.confirmed.at.date().isoformat(),
            "last_modified": None if modified is None else modified.isoformat(),
            "organization": None if agency is None else organization(agency),
        }
    )


def full_service(
    of: Service, agency: Agency | None, modified: datetime | None, people: People = NOBODY
) -> Record:
    """Return a service with all that hangs on it; `people` as of `contacts`."""
    id = uuid_of(of.id)
    own = {"service_id": id}
    said = of.listing
    return told(
        {
            **service(of, agency, modified),
            "program": program(of.agency, said.program) if said.program else None,
            "contacts": contacts(agency, own, people, of.id) if agency else [],
            "phones": telephones("service_id", id, said.telephones),
            "schedules": service_schedules(of, id),
            "service_areas": _areas(of, id),
            "service_at_locations": [at_location(of, place) for place in of.locations],
            "languages": languages("service_id", id, of.languages, said.languages),
            "cost_options": [_price(id, each) for each in _prices(of)],
            "required_documents": [
                told(
                    {
                        "id": derived("document", id, each.id),
                        **own,
                        "document": each.document,
                        "uri": web(each.uri),
                    }
                )
                for each in said.papers
            ],
            "attributes": [
                {
                    "id": derived("attribute", id, each["id"]),
                    "link_id": id,
                    "taxonomy_term_id": each["id"],
                    "link_entity": "service",
                    "taxonomy_term": each,
                }
                for each in terms_of(of)
            ],
        }
    )


def _areas(of: Service, id: str) -> list[Record]:
    """Return where families must live: as its directory says it, where staff say nothing else."""
    said, zips = of.listing.areas, of.terms.zips
    as_told = set(zips_of(said)) == set(zips)
    # A list of ZIP codes that staff have changed holds no longer; words do.
    kept = said if as_told or not zips_of(said) else ()
    areas = [
        told(
            {
                **each.model_dump(exclude={"id"}),
                "id": derived("area", id, each.id),
                "service_id": id,
            }
        )
        for each in kept
    ]
    if as_told or not zips:
        return areas
    area = {"id": derived("area", id, "zips"), "service_id": id}
    return [
        *areas,
        {**area, "name": "ZIP codes", "extent": ", ".join(zips), "extent_type": "text"},
    ]


def _as_told(of: Service) -> bool:
    """Tell whether staff say of the cost what its directory says, or leave it at that."""
    return of.terms.cost is cost_of(of.listing.fees_description, of.listing.costs)


def _prices(of: Service) -> tuple[Price, ...]:
    if of.listing.costs and _as_told(of):
        return of.listing.costs
    match of.terms.cost:
        case None:
            return ()
        case Cost.FREE:
            return (Price(id="terms", option=Cost.FREE.value, currency="USD", amount=0),)
        case other:
            return (Price(id="terms", option=other.value),)


def _price(service: str, each: Price) -> Record:
    said = each.model_dump(exclude={"id"})
    return told({"id": derived("cost", service, each.id), "service_id": service, **said})


def _fees(of: Service) -> str | None:
    said = of.listing.fees_description
    if said is not None and (_as_told(of) or cost_of(said) is None):
        return said
    return "Free" if of.terms.cost is Cost.FREE else None


def _interpreter(of: Service) -> str | None:
    said = of.listing.interpretation_services
    if of.terms.interpreter is False and interpreter_of(said):
        return None  # staff know better
    return said or ("An interpreter can be had." if of.terms.interpreter else None)
