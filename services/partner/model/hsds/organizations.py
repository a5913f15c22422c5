"""Agencies, as lists have them and with all that hangs on them."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from contracts.agencies import ContactProfile
from services.partner.model.agency import Agency
from services.partner.model.hsds.desks import telephones
from services.partner.model.hsds.ids import Record, derived, told, uuid_of, web
from services.partner.model.hsds.places import location
from services.partner.model.listing import Program
from services.partner.model.service import Service

People = Mapping[str, ContactProfile]
"""People at agencies, by their ids, as far as the reader may know them."""
NOBODY: People = MappingProxyType({})

_TEXTABLE = "cell"


def organization(agency: Agency) -> Record:
    """Return an agency as lists have it."""
    said = agency.listing
    return told(
        {
            "id": uuid_of(agency.id),
            "name": agency.name,
            "alternate_name": said.alternate_name,
            # The standard asks for one of everybody.
            "description": agency.description or agency.name,
            "email": said.email,
            "website": web(agency.website),
            "parent_organization_id": uuid_of(said.parent) if said.parent else None,
        }
    )


def full_organization(
    agency: Agency, services: Iterable[Record], placed: Iterable[Service], people: People
) -> Record:
    """Return an agency with all that hangs on it.

    Args:
        agency: it.
        services: its services, as lists have them.
        placed: the same, for where they are.
        people: as of `contacts`.
    """
    id = uuid_of(agency.id)
    own = {"organization_id": id}
    places = {
        found["id"]: {**found, **own}
        for service in placed
        for place in service.locations
        for found in [location(service, place)]
    }
    return told(
        {
            **organization(agency),
            "contacts": contacts(agency, own, people, None),
            "phones": telephones("organization_id", id, agency.listing.telephones),
            "locations": list(places.values()),
            "programs": [program(agency.id, each) for each in agency.listing.programs],
            "services": list(services),
        }
    )


def program(agency: str, each: Program) -> Record:
    """Return a group of an agency's services; the standard asks for a description of everyone."""
    return told(
        {
            "id": derived("program", agency, each.id),
            "organization_id": uuid_of(agency),
            "name": each.name,
            "alternate_name": each.alternate_name,
            "description": each.description or each.name,
        }
    )


def contacts(agency: Agency, owner: Record, people: People, service: str | None) -> list[Record]:
    """Return whom to ask, of those whom the agency's directory lists, as they stand now.

    Whom staff entered is for offers alone and in no export.

    Args:
        agency: theirs.
        owner: the field and id of what they hang on.
        people: those that may be told; who is missing was erased.
        service: whom to ask about it; None: about the agency's whole work.
    """
    standing = {each.id for each in agency.contacts}
    return [
        _contact(each.id, owner, people[each.id])
        for each in agency.listing.people
        if each.id in standing and each.id in people
        if (service in each.services if service is not None else not each.services)
    ]


def _contact(contact: str, owner: Record, profile: ContactProfile) -> Record:
    id = derived("contact", contact)
    phone = profile.phone
    number = {"id": derived("phone", id, phone), "contact_id": id, "number": phone}
    return told(
        {
            "id": id,
            **owner,
            "name": profile.name,
            "title": profile.title,
            "department": profile.department,
            "email": profile.email,
            "phones": [{**number, "type": _TEXTABLE}] if phone else [],
        }
    )
