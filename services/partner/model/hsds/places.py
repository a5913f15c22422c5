"""Locations, and services at them."""

from services.partner.model.hsds.ids import Record, derived, location_id, told
from services.partner.model.service import Place, Service

_COUNTRY = "US"


def location(service: Service, place: Place) -> Record:
    """Return a place."""
    id = location_id(service, place)
    return told(
        {
            "id": id,
            "location_type": "physical",
            "name": place.name,
            "description": None if _whole(place) else ", ".join(_written(place)),
            "transportation": place.transportation,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "addresses": [_address(id, place)] if _whole(place) else [],
            "accessibility": [
                {"id": derived("accessibility", id, text), "location_id": id, "description": text}
                for text in place.accessibility
            ],
            "phones": [
                {"id": derived("phone", id, number), "location_id": id, "number": number}
                for number in place.phones
            ],
        }
    )


def at_location(service: Service, place: Place) -> Record:
    """Return that a service is offered at a place."""
    found = location(service, place)
    return {
        "id": at_location_id(service, place),
        "service_id": service.id,
        "location_id": found["id"],
        "location": found,
    }


def at_location_id(service: Service, place: Place) -> str:
    """Return the id of a service at a place."""
    return derived("service_at_location", service.id, location_id(service, place))


def _whole(place: Place) -> bool:
    """Tell whether it has all that the standard asks of an address."""
    return bool(place.lines and place.city and place.state and place.postal_code)


def _written(place: Place) -> list[str]:
    return [each for each in (*place.lines, place.city, place.state, place.postal_code) if each]


def _address(location: str, place: Place) -> Record:
    return told(
        {
            "id": derived("address", location),
            "location_id": location,
            "address_1": place.lines[0],
            "address_2": ", ".join(place.lines[1:]),
            "city": place.city,
            "state_province": place.state,
            "postal_code": place.postal_code,
            "country": _COUNTRY,
            "address_type": "physical",
        }
    )
