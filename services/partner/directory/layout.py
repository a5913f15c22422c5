"""The tables of HSDS 3.0: which file, which columns are read, how records hang together.

Every layout is first brought into rows of these tables, so that one builder serves all of them.
"""

from enum import StrEnum

from services.partner.directory.model import LinkKind


class Kind(StrEnum):
    """A table of the standard, by the name of one record in it."""

    ORGANIZATION = "organization"
    PROGRAM = "program"
    SERVICE = "service"
    LOCATION = "location"
    SERVICE_AT_LOCATION = "service_at_location"
    ADDRESS = "address"
    ACCESSIBILITY = "accessibility"
    CONTACT = "contact"
    PHONE = "phone"
    SCHEDULE = "schedule"
    HOLIDAY_SCHEDULE = "holiday_schedule"
    LANGUAGE = "language"
    SERVICE_AREA = "service_area"
    REQUIRED_DOCUMENT = "required_document"
    COST_OPTION = "cost_option"
    TAXONOMY_TERM = "taxonomy_term"
    ATTRIBUTE = "attribute"


LINK_COLUMNS: dict[str, LinkKind] = {
    "organization_id": LinkKind.ORGANIZATION,
    "service_id": LinkKind.SERVICE,
    "location_id": LinkKind.LOCATION,
    "service_at_location_id": LinkKind.SERVICE_AT_LOCATION,
    "contact_id": LinkKind.CONTACT,
    "phone_id": LinkKind.PHONE,
}
LINKED = frozenset({Kind.CONTACT, Kind.PHONE, Kind.SCHEDULE, Kind.HOLIDAY_SCHEDULE, Kind.LANGUAGE})
"""The kinds whose records belong to one or several others through the columns above."""

_DESCRIBED = "name alternate_name description"
_COLUMNS: dict[Kind, str] = {
    Kind.ORGANIZATION: f"{_DESCRIBED} email website parent_organization_id",
    Kind.PROGRAM: f"organization_id {_DESCRIBED}",
    Kind.SERVICE: f"""organization_id program_id {_DESCRIBED} url email status
        interpretation_services application_process fees_description wait_time
        eligibility_description minimum_age maximum_age alert assured_date""",
    Kind.LOCATION: f"""organization_id location_type {_DESCRIBED} transportation url
        latitude longitude""",
    Kind.SERVICE_AT_LOCATION: "service_id location_id description",
    Kind.ADDRESS: """location_id attention address_1 address_2 city region state_province
        postal_code country address_type""",
    Kind.ACCESSIBILITY: "location_id description details",
    Kind.CONTACT: """organization_id service_id service_at_location_id location_id
        name title department email""",
    Kind.PHONE: """location_id service_id organization_id contact_id service_at_location_id
        number extension type description""",
    Kind.SCHEDULE: """service_id location_id service_at_location_id valid_from valid_to dtstart
        until freq interval byday bymonthday opens_at closes_at description schedule_link
        attending_type notes""",
    Kind.HOLIDAY_SCHEDULE: "service_id location_id start_date end_date closed opens_at closes_at",
    Kind.LANGUAGE: "service_id location_id phone_id name code note",
    Kind.SERVICE_AREA: "service_id name description extent extent_type",
    Kind.REQUIRED_DOCUMENT: "service_id document uri",
    Kind.COST_OPTION: """service_id valid_from valid_to option currency amount
        amount_description""",
    Kind.TAXONOMY_TERM: "code name description parent_id taxonomy",
    Kind.ATTRIBUTE: "link_id taxonomy_term_id link_entity",
}
COLUMNS: dict[Kind, frozenset[str]] = {
    kind: frozenset(["id", *columns.split()]) for kind, columns in _COLUMNS.items()
}

FILES: dict[str, Kind] = {
    "organizations.csv": Kind.ORGANIZATION,
    "programs.csv": Kind.PROGRAM,
    "services.csv": Kind.SERVICE,
    "locations.csv": Kind.LOCATION,
    "service_at_location.csv": Kind.SERVICE_AT_LOCATION,
    "service_at_locations.csv": Kind.SERVICE_AT_LOCATION,
    "addresses.csv": Kind.ADDRESS,
    "accessibility.csv": Kind.ACCESSIBILITY,
    "contacts.csv": Kind.CONTACT,
    "phones.csv": Kind.PHONE,
    "schedules.csv": Kind.SCHEDULE,
    "languages.csv": Kind.LANGUAGE,
    "service_areas.csv": Kind.SERVICE_AREA,
    "required_documents.csv": Kind.REQUIRED_DOCUMENT,
    "cost_options.csv": Kind.COST_OPTION,
    "taxonomy_terms.csv": Kind.TAXONOMY_TERM,
    "attributes.csv": Kind.ATTRIBUTE,
}
"""The CSV files of an HSDS 3.0 package that are read. (The published example and the datapackage
disagree on one plural.)"""

_NOT_READ = frozenset(
    {
        *("organization_identifier.csv", "organization_identifiers.csv"),
        *("service_capacity.csv", "service_capacities.csv"),
    }
)
"""Files of the standard that Enlace has no use for, though their names hold that of another."""


def meant_by(file: str) -> frozenset[Kind]:
    """Returns the tables that a file of another name may hold a part of."""
    if file in _NOT_READ or not file.endswith(".csv"):
        return frozenset()
    named = (Kind.ORGANIZATION, Kind.SERVICE, Kind.LOCATION, Kind.CONTACT, Kind.PHONE)
    return frozenset(kind for kind in named if kind.value in file)


WORDS = frozenset(
    {"name", "alternate_name", "title", "department", "description", "details", "transportation"}
    | {"interpretation_services", "application_process", "fees_description", "wait_time"}
    | {"eligibility_description", "audience", "alert", "document", "note", "notes"}
    | {"option", "amount_description"}
)
"""The columns that people read, which are words and no markup."""

PERSONAL: dict[Kind, frozenset[str]] = {
    Kind.CONTACT: frozenset({"name", "email"}),
    Kind.PHONE: frozenset({"number"}),
    Kind.ADDRESS: frozenset({"attention"}),
}
"""The columns about people, masked in every report."""
