"""Turns collected rows into a directory, in an order in which every reference can be checked."""

from collections.abc import Sized

from services.chassis.needs import Needs
from services.partner.directory import costs, links, offers, places, times
from services.partner.directory.collect import Collected
from services.partner.directory.layout import Kind
from services.partner.directory.model import DirectoryPackage, Format, LinkKind


def build(layout: Format, rows: Collected, needs: Needs) -> DirectoryPackage:
    """Builds everything that can be used; what cannot be is in the problems."""
    organizations = places.organizations(rows)
    programs = places.programs(rows, organizations)
    locations = places.locations(rows, organizations)
    terms = offers.terms(rows, needs)
    services = offers.services(rows, organizations, programs, terms, needs)
    joined = offers.services_at_locations(rows, services, locations)
    known = {
        LinkKind.ORGANIZATION: frozenset(organizations),
        LinkKind.SERVICE: frozenset(services),
        LinkKind.LOCATION: frozenset(locations),
        LinkKind.SERVICE_AT_LOCATION: frozenset(joined),
    }
    contacts = links.contacts(rows, known)
    known[LinkKind.CONTACT] = frozenset(contacts)
    phones = links.phones(rows, known)
    known[LinkKind.PHONE] = frozenset(phones)
    package = DirectoryPackage(
        format=layout,
        organizations=tuple(organizations.values()),
        programs=tuple(programs.values()),
        services=tuple(services.values()),
        locations=tuple(locations.values()),
        services_at_locations=tuple(joined.values()),
        contacts=tuple(contacts.values()),
        phones=tuple(phones.values()),
        schedules=tuple(times.schedules(rows, known).values()),
        holiday_schedules=tuple(times.holiday_schedules(rows, known).values()),
        languages=tuple(links.languages(rows, known).values()),
        service_areas=tuple(offers.service_areas(rows, services).values()),
        required_documents=tuple(offers.required_documents(rows, services).values()),
        cost_options=tuple(costs.cost_options(rows, services).values()),
        taxonomy_terms=tuple(terms.values()),
        ignored=rows.log.ignored,
    )
    kept: tuple[tuple[Kind, Sized], ...] = (
        (Kind.ORGANIZATION, organizations),
        (Kind.SERVICE, services),
        (Kind.LOCATION, locations),
        (Kind.CONTACT, contacts),
        (Kind.PHONE, phones),
    )
    unread = rows.lost | {
        kind for kind, built in kept if not rows[kind] or len(built) < len(rows[kind])
    }
    # Last, because building is what finds most problems.
    told = {"problems": rows.log.problems, "unread": frozenset(each.value for each in unread)}
    return package.model_copy(update=told)
