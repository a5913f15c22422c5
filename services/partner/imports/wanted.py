"""What a directory says, in partner's own terms. Pure."""

import hashlib
import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid5

from pydantic import BaseModel, ConfigDict

from contracts.agencies import ContactProfile
from contracts.categories import Category
from contracts.codes import Channel, Language
from services.partner.directory.model import (
    Address,
    Contact,
    DirectoryPackage,
    Link,
    LinkKind,
    Location,
    LocationType,
    Organization,
    Phone,
    ServiceStatus,
)
from services.partner.directory.model import Service as ListedService
from services.partner.imports.listing import Listings, program
from services.partner.model.listing import (
    AgencyListing,
    Listed,
    Listing,
    PlaceListing,
    PostalAddress,
    Program,
)
from services.partner.model.service import UNCATEGORIZED, Place
from services.partner.model.terms import Terms

NAMESPACE = UUID("6a5fd1f2-6a55-5b0e-9a3e-0e2f8f3f6c11")
"""Of ids that are derived from a source's own: the same record is the same thing for ever."""

_TEXTABLE = frozenset({"cell", "mobile", "sms", "text"})
"""Types of phones that can take a text message; a desk's telephone cannot."""

_RUNS = frozenset({None, ServiceStatus.ACTIVE})


class _Draft(BaseModel):
    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class WantedContact(_Draft):
    """A person at an agency, not sealed yet: never logged, never stored so."""

    id: str
    channels: tuple[Channel, ...]
    profile: ContactProfile


class WantedAgency(_Draft):
    """An agency as the directory has it."""

    id: str
    source_id: str
    name: str
    description: str | None
    website: str | None
    listing: AgencyListing
    contacts: tuple[WantedContact, ...]


class WantedService(_Draft):
    """A service as the directory has it.

    Attributes:
        retired: it does not run now.
        assured: when the directory says that it was last checked.
    """

    id: str
    source_id: str
    agency: str
    name: str
    description: str | None
    category: Category
    also: tuple[Category, ...]
    languages: tuple[str, ...]
    minimum_age: float | None
    maximum_age: float | None
    locations: tuple[Place, ...]
    terms: Terms
    listing: Listing
    retired: bool
    assured: date | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A directory, ready to be compared with what is known of its source."""

    source: str
    agencies: tuple[WantedAgency, ...]
    services: tuple[WantedService, ...]


def derived_id(source: str, kind: str, source_id: str) -> str:
    """Return the id of a record of a source, the same at every import."""
    # Lengths first, so that no two triples make one text.
    return str(uuid5(NAMESPACE, f"{len(source)}:{source}{len(kind)}:{kind}{source_id}"))


def content_hash(secret: bytes, draft: BaseModel) -> str:
    """Return a keyed hash of what is kept of a record.

    Keyed, because it covers people's names, which a plain hash would let be guessed.
    """
    text = draft.model_dump_json(exclude_none=True)
    return hmac.new(secret, text.encode("utf-8"), hashlib.sha256).hexdigest()


class _Address(_Draft):
    phone: str | None
    email: str | None


def address_hash(secret: bytes, profile: ContactProfile) -> str:
    """Return a keyed hash of where somebody is written to."""
    return content_hash(secret, _Address(phone=profile.phone, email=profile.email))


def wanted(package: DirectoryPackage, source: str, zone: str) -> Wanted:
    """Return what a directory wants Enlace to hold. `zone` is that of its people."""
    reader = _Reader(package, source, zone)
    return Wanted(
        source=source,
        agencies=tuple(reader.agency(each) for each in package.organizations),
        services=tuple(reader.service(each) for each in package.services),
    )


_Owner = tuple[LinkKind, str]


class _Reader:
    """Looks records up by what they hang on."""

    def __init__(self, package: DirectoryPackage, source: str, zone: str) -> None:
        self._source = source
        self._zone = zone
        self._listings = Listings(package)
        self._locations = {each.source_id: each for each in package.locations}
        self._offered: dict[str, list[tuple[Location, str | None]]] = {}
        self._joined: dict[str, str] = {}
        self._joins: dict[str, list[str]] = {}
        for join in sorted(package.services_at_locations, key=lambda each: each.source_id):
            place = self._locations[join.location_source_id]
            offered = self._offered.setdefault(join.service_source_id, [])
            offered.append((place, join.description))
            self._joined[join.source_id] = join.service_source_id
            self._joins.setdefault(join.service_source_id, []).append(join.source_id)
        self._agency_of = {each.source_id: each.organization_source_id for each in package.services}
        self._phones_of: dict[_Owner, list[Phone]] = {}
        for phone in package.phones:
            for link in phone.links if phone.e164 else ():
                self._phones_of.setdefault((link.kind, link.source_id), []).append(phone)
        self._languages_of: dict[_Owner, list[str]] = {}
        for language in package.languages:
            for link in language.links if language.code else ():
                codes = self._languages_of.setdefault((link.kind, link.source_id), [])
                codes.append((language.code or "").lower())
        self._contacts: dict[str, list[Contact]] = {}
        # As the file has them: offers go to the first who can be reached.
        for contact in package.contacts:
            for agency in sorted({agency for agency, _ in self._asked(contact.links)}):
                self._contacts.setdefault(agency, []).append(contact)
        self._programs: dict[str, list[Program]] = {}
        for each in sorted(package.programs, key=lambda each: each.source_id):
            named = self._programs.setdefault(each.organization_source_id or "", [])
            named.append(program(each))

    def agency(self, listed: Organization) -> WantedAgency:
        """Return an agency with the people of all its services and places."""
        contacts = self._contacts.get(listed.source_id, ())
        parent = listed.parent_organization_source_id
        return WantedAgency(
            id=self._id("organization", listed.source_id),
            source_id=listed.source_id,
            name=listed.name,
            description=listed.description,
            website=listed.website,
            listing=AgencyListing(
                alternate_name=listed.alternate_name,
                email=listed.email,
                parent=self._id("organization", parent) if parent else None,
                telephones=self._listings.telephones(LinkKind.ORGANIZATION, listed.source_id),
                programs=tuple(self._programs.get(listed.source_id, ())),
                people=tuple(self._listed(listed.source_id, each) for each in contacts),
            ),
            contacts=tuple(self._contact(listed.source_id, each) for each in contacts),
        )

    def service(self, listed: ListedService) -> WantedService:
        """Return a service with its places and languages."""
        places = self._offered.get(listed.source_id, [])
        return WantedService(
            id=self._id("service", listed.source_id),
            source_id=listed.source_id,
            agency=self._id("organization", listed.organization_source_id),
            name=listed.name,
            description=listed.description,
            category=listed.categories[0] if listed.categories else UNCATEGORIZED,
            also=listed.categories[1:],
            languages=tuple(
                sorted(self._languages(listed.source_id, [place for place, _ in places]))
            ),
            minimum_age=listed.minimum_age,
            maximum_age=listed.maximum_age,
            locations=tuple(self._place(place, offered) for place, offered in places),
            terms=self._listings.terms(listed),
            listing=self._listings.listing(listed),
            retired=listed.status not in _RUNS,
            assured=listed.assured_date,
        )

    def _id(self, kind: str, source_id: str) -> str:
        return derived_id(self._source, kind, source_id)

    def _asked(self, links: Iterable[Link]) -> Iterator[tuple[str, str | None]]:
        """Yield for which agencies somebody stands, and for which of its services, or for all."""
        for link in links:
            match link.kind:
                case LinkKind.ORGANIZATION:
                    yield link.source_id, None
                case LinkKind.SERVICE:
                    yield self._agency_of[link.source_id], link.source_id
                case LinkKind.SERVICE_AT_LOCATION:
                    service = self._joined[link.source_id]
                    yield self._agency_of[service], service
                case LinkKind.LOCATION:
                    owner = self._locations[link.source_id].organization_source_id
                    if owner is not None:
                        yield owner, None
                case _:
                    pass

    def _listed(self, agency: str, contact: Contact) -> Listed:
        asked = [service for owner, service in self._asked(contact.links) if owner == agency]
        services = sorted({self._id("service", each) for each in asked if each is not None})
        of_all = None in asked
        id = self._contact_id(agency, contact)
        return Listed(id=id, services=() if of_all else tuple(services))

    def _contact_id(self, agency: str, contact: Contact) -> str:
        # A person who stands for two agencies is a contact of each, under one key of each.
        return self._id("contact", f"{agency}:{contact.source_id}")

    def _contact(self, agency: str, listed: Contact) -> WantedContact:
        phone = next(
            (
                each.e164
                for each in self._phones(LinkKind.CONTACT, listed.source_id)
                if (each.type or "").casefold() in _TEXTABLE
            ),
            None,
        )
        profile = ContactProfile(
            name=listed.name or listed.title or listed.department or listed.email or "",
            reads=Language.ENGLISH,
            phone=phone,
            email=listed.email,
            preferred=Channel.SMS if phone and not listed.email else Channel.EMAIL,
            zone=self._zone,
            title=listed.title,
            department=listed.department,
        )
        known = {Channel.EMAIL: profile.email, Channel.SMS: profile.phone}
        return WantedContact(
            id=self._contact_id(agency, listed),
            channels=tuple(channel for channel, address in known.items() if address),
            profile=profile,
        )

    def _place(self, listed: Location, offered: str | None) -> Place:
        # Where people go comes before where its post goes.
        addresses = sorted(
            listed.addresses, key=lambda each: each.address_type is LocationType.POSTAL
        )
        address = addresses[0] if addresses else None
        phones = [each.e164 for each in self._phones(LinkKind.LOCATION, listed.source_id)]
        return Place(
            name=listed.name,
            lines=_lines(address) if address else (),
            city=address.city if address else None,
            state=address.state_province if address else None,
            postal_code=address.postal_code if address else None,
            latitude=listed.coordinates.latitude if listed.coordinates else None,
            longitude=listed.coordinates.longitude if listed.coordinates else None,
            phones=tuple(number for number in phones if number),
            source_id=listed.source_id,
            transportation=listed.transportation,
            accessibility=listed.accessibility,
            told=PlaceListing(
                location_type=listed.location_type,
                alternate_name=listed.alternate_name,
                description=listed.description,
                url=listed.url,
                address_type=address.address_type if address else None,
                region=address.region if address else None,
                country=address.country if address else None,
                offered=offered,
                addresses=tuple(map(_further, addresses[1:])),
                telephones=self._listings.telephones(LinkKind.LOCATION, listed.source_id),
                schedules=self._listings.schedules(LinkKind.LOCATION, listed.source_id),
            ),
        )

    def _phones(self, kind: LinkKind, source_id: str) -> list[Phone]:
        return self._phones_of.get((kind, source_id), [])

    def _languages(self, service: str, places: list[Location]) -> set[str]:
        owners = [
            (LinkKind.SERVICE, service),
            *((LinkKind.LOCATION, place.source_id) for place in places),
            *((LinkKind.SERVICE_AT_LOCATION, join) for join in self._joins.get(service, ())),
        ]
        return {code for owner in owners for code in self._languages_of.get(owner, ())}


def _lines(address: Address) -> tuple[str, ...]:
    return tuple(line for line in (address.address_1, address.address_2) if line)


def _further(address: Address) -> PostalAddress:
    return PostalAddress(
        id=address.source_id,
        type=address.address_type,
        lines=_lines(address),
        city=address.city,
        region=address.region,
        state=address.state_province,
        postal_code=address.postal_code,
        country=address.country,
    )
