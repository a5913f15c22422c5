"""What the endpoints need, put together once."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from pydantic import AfterValidator, StringConstraints

from contracts.agencies import ContactProfile
from contracts.categories import Category
from contracts.sealed import Sealed
from services.chassis.auth import OF_AGENCY, Allow, Principal, Role, ServiceIdentity
from services.chassis.clock import Clock
from services.chassis.closed import need_listed
from services.chassis.district import DistrictCopy
from services.chassis.errors import unknown
from services.chassis.http.commands import expected_version
from services.chassis.privacy import Vault
from services.chassis.sight import ReferralSight
from services.chassis.sites import Sites
from services.chassis.store import Store
from services.partner.handlers.matching import Matcher
from services.partner.handlers.moments import Moments
from services.partner.settings import PartnerSettings


@dataclass(frozen=True, slots=True)
class Context:
    """Collaborators of the endpoints.

    Attributes:
        vault: of people at agencies.
        secret: keys fingerprints of bodies and of imported people.
        link_key: derives agencies' links and codes.
        district: the kinds of need that the district has.
        sight: referral's word on who may see a restricted need.
        matcher: weighs needs against the directory.
        moments: when decisions are made.
    """

    store: Store
    vault: Vault
    clock: Clock
    settings: PartnerSettings
    identity: ServiceIdentity
    secret: bytes
    link_key: bytes
    sites: Sites
    district: DistrictCopy
    sight: ReferralSight
    matcher: Matcher
    moments: Moments

    async def seal_for(self, contact: str, value: ContactProfile | str) -> Sealed:
        """Encrypt under a contact's key, which is made where there is none."""
        await self.vault.create_key(contact)
        return await self.vault.seal(contact, value)

    async def profile(self, sealed: Sealed) -> ContactProfile | None:
        """Open a contact's profile; None where the person was erased."""
        return await self.vault.open_as_if(ContactProfile, sealed)

    async def words(self, sealed: Sealed | None) -> str | None:
        """Open what an agency wrote; None where its writer was erased."""
        return await self.vault.open_if(sealed)


def seen(if_match: str | None) -> int | None:
    """Return the version that a replacement was based on; None creates."""
    return None if if_match is None else expected_version(if_match)


def need_sites(caller: Principal, sites: tuple[str, ...]) -> None:
    """Pass coordinators for their own schools only, and administrators for all.

    Raises:
        EnlaceError: one of the schools is not theirs.
    """
    for site in sites:
        caller.need_site(site, Role.COORDINATOR, what="site")


def need_agency(caller: Principal, agency: str, what: str) -> None:
    """Pass staff of the district, and an agency's staff for their own agency only.

    Raises:
        EnlaceError: it is another agency's.
    """
    if not caller.has(*DISTRICT) and not caller.works_for(agency):
        raise unknown(what)


def own_agencies(caller: Principal) -> list[str] | None:
    """Return the agencies whose staff the caller is; None for the district's staff, who see all."""
    return None if caller.has(*DISTRICT) else sorted(caller.agencies)


DISTRICT = (Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN)

Writer = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]
Reader = Annotated[Principal, Depends(Allow(*DISTRICT, *OF_AGENCY))]


Need = Annotated[Category, AfterValidator(need_listed)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Site = Annotated[str, StringConstraints(min_length=1, max_length=64)]
