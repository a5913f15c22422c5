"""Services and organizations, as lists have them and with all that hangs on them."""

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit

from babel import Locale

from services.partner.model.agency import Agency
from services.partner.model.hsds.ids import Record, derived, told, uuid_of
from services.partner.model.hsds.places import at_location, location
from services.partner.model.hsds.special_days import schedules_of
from services.partner.model.hsds.taxonomy import terms_of
from services.partner.model.listing import Opening
from services.partner.model.service import Service
from services.partner.model.terms import Cost

_FREQUENCIES = frozenset({"WEEKLY", "MONTHLY"})


def organization(agency: Agency) -> Record:
    """Return an agency as lists have it. Its people are in no export."""
    return told(
        {
            "id": uuid_of(agency.id),
            "name": agency.name,
            # The standard asks for one of everybody.
            "description": agency.description or agency.name,
            "website": _web(agency.website),
        }
    )


def full_organization(agency: Agency, services: Iterable[Service]) -> Record:
    """Return an agency with its services and places."""
    own = list(services)
    places = {
        found["id"]: {**found, "organization_id": uuid_of(agency.id)}
        for service in own
        for place in service.locations
        for found in [location(service, place)]
    }
    return told(
        {
            **organization(agency),
            "locations": list(places.values()),
            "services": [service(each, None, None) for each in own],
        }
    )


def service(of: Service, agency: Agency | None, modified: datetime | None) -> Record:
    """Return a service as lists have it: what there is one of."""
    said = of.listing
    return told(
        {
            "id": uuid_of(of.id),
            "organization_id": uuid_of(of.agency),
            "name": of.name,
            "alternate_name": said.alternate_name,
            "description": of.description,
            "url": _web(said.url),
            "email": said.email,
            "status": "inactive" if of.retired else "active",
            "interpretation_services": said.interpretation_services or _interpreter(of),
            "application_process": said.application_process,
            "fees_description": said.fees_description or _fees(of),
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


def full_service(of: Service, agency: Agency | None, modified: datetime | None) -> Record:
    """Return a service with all that hangs on it."""
    id = uuid_of(of.id)
    own = {"service_id": id}
    return told(
        {
            **service(of, agency, modified),
            "schedules": _schedules(of, id),
            "service_areas": _areas(of, id),
            "service_at_locations": [at_location(of, place) for place in of.locations],
            "languages": [
                told(
                    {"id": derived("language", id, code), **own, "name": _name(code), "code": code}
                )
                for code in of.languages
            ],
            "cost_options": _costs(of, id),
            "required_documents": [
                told(
                    {
                        "id": derived("document", id, each.id),
                        **own,
                        "document": each.document,
                        "uri": _web(each.uri),
                    }
                )
                for each in of.listing.papers
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


def _schedules(of: Service, id: str) -> list[Record]:
    special = [found for each in of.listing.special_days for found in schedules_of(id, each)]
    if of.listing.schedules:
        return [*(_schedule(id, each) for each in of.listing.schedules), *special]
    return [*_hours(of, id), *special]


def _hours(of: Service, id: str) -> list[Record]:
    return [
        {
            "id": derived("schedule", id, each.day.value, each.opens_at, each.closes_at),
            "service_id": id,
            "freq": "WEEKLY",
            "byday": each.day.value,
            "opens_at": each.opens_at,
            "closes_at": each.closes_at,
        }
        for each in of.terms.hours
    ]


def _schedule(service: str, each: Opening) -> Record:
    said = each.model_dump(exclude={"id"})
    if said["freq"] not in _FREQUENCIES:
        said["freq"] = None
    return told({"id": derived("schedule", service, each.id), "service_id": service, **said})


def _areas(of: Service, id: str) -> list[Record]:
    if of.listing.areas:
        return [
            told(
                {
                    **each.model_dump(exclude={"id"}),
                    "id": derived("area", id, each.id),
                    "service_id": id,
                }
            )
            for each in of.listing.areas
        ]
    if not of.terms.zips:
        return []
    listed = ", ".join(of.terms.zips)
    area = {"id": derived("area", id, "zips"), "service_id": id}
    return [{**area, "name": "ZIP codes", "extent": listed, "extent_type": "text"}]


def _costs(of: Service, id: str) -> list[Record]:
    cost = of.terms.cost
    if cost is None:
        return []
    option: Record = {"id": derived("cost", id), "service_id": id, "option": cost.value}
    return [{**option, "currency": "USD", "amount": 0} if cost is Cost.FREE else option]


def _interpreter(of: Service) -> str | None:
    return "An interpreter can be had." if of.terms.interpreter else None


def _fees(of: Service) -> str | None:
    return "Free" if of.terms.cost is Cost.FREE else None


def _web(address: str | None) -> str | None:
    """Return an address of the web; what staff wrote in its place is none."""
    if address is None or any(letter.isspace() for letter in address):
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in {"http", "https"} and parts.netloc else None


@cache
def _name(code: str) -> str | None:
    names = Locale("en").languages
    return names.get(code.split("-", maxsplit=1)[0])
