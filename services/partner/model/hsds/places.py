"""Locations, and services at them."""

from services.partner.model.hsds.desks import telephones
from services.partner.model.hsds.ids import Record, derived, location_id, told, web
from services.partner.model.hsds.times import schedules
from services.partner.model.listing import PostalAddress
from services.partner.model.service import Place, Service

_COUNTRY = "US"
_PHYSICAL = "physical"
_POSTAL = "postal"


def location(service: Service, place: Place) -> Record:
    """Return a place."""
    id = location_id(service, place)
    said = place.told
    addresses = [_where(place), *said.addresses]
    written = [", ".join(_written(each)) for each in addresses if not _whole(each)]
    described = [said.description, *written]
    return told(
        {
            "id": id,
            "location_type": said.location_type or _PHYSICAL,
            "name": place.name,
            "alternate_name": said.alternate_name,
            "description": "\n".join(each for each in described if each),
            "transportation": place.transportation,
            "url": web(said.url),
            "latitude": place.latitude,
            "longitude": place.longitude,
            "addresses": [_address(id, each) for each in addresses if _whole(each)],
            "accessibility": [
                {"id": derived("accessibility", id, text), "location_id": id, "description": text}
                for text in place.accessibility
            ],
            "phones": telephones("location_id", id, said.telephones, place.phones),
            "schedules": schedules("location_id", id, said.schedules),
        }
    )


def at_location(service: Service, place: Place) -> Record:
    """Return that a service is offered at a place."""
    found = location(service, place)
    return told(
        {
            "id": at_location_id(service, place),
            "service_id": service.id,
            "location_id": found["id"],
            "description": place.told.offered,
            "location": found,
        }
    )


def at_location_id(service: Service, place: Place) -> str:
    """Return the id of a service at a place."""
    return derived("service_at_location", service.id, location_id(service, place))


def _where(place: Place) -> PostalAddress:
    """Return the address of a place itself."""
    return PostalAddress(
        id="",
        type=place.told.address_type or _PHYSICAL,
        lines=place.lines,
        city=place.city,
        region=place.told.region,
        state=place.state,
        postal_code=place.postal_code,
        country=place.told.country,
    )


def _whole(address: PostalAddress) -> bool:
    """Tell whether it has all that the standard asks of an address."""
    return bool(address.lines and address.city and address.state and address.postal_code)


def _written(address: PostalAddress) -> list[str]:
    said = (*address.lines, address.city, address.state, address.postal_code)
    return [each for each in said if each]


def _address(location: str, address: PostalAddress) -> Record:
    return told(
        {
            "id": derived("address", location, *([address.id] if address.id else [])),
            "location_id": location,
            "address_1": address.lines[0],
            "address_2": ", ".join(address.lines[1:]),
            "city": address.city,
            "region": address.region,
            "state_province": address.state,
            "postal_code": address.postal_code,
            "country": address.country or _COUNTRY,
            "address_type": address.type or _POSTAL,
        }
    )
