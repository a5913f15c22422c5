"""Requests for help as the coordinators of a school read them."""

from datetime import datetime

from contracts.help_requests import Asked, RequestSource
from contracts.people import Profile
from contracts.sealed import Sealed
from services.chassis.http.commands import Body
from services.chassis.privacy import KeyGoneError, Vault
from services.referral.api.context import Context, short_name
from services.referral.api.words import Warned
from services.referral.model.help_request import (
    EVERY_SCHOOL,
    Handling,
    HelpRequest,
    RequestState,
)
from services.referral.model.people import Family, Student


class MayBe(Body):
    """A child of a household that may have asked."""

    student: str
    name: str
    grade: str | None
    site: str


class HandledView(Body):
    """What was done, by whom and when. `words` is null where there are none any more."""

    how: Handling
    at: datetime
    by: str
    referral: str | None
    words: str | None


class HelpRequestView(Body):
    """A request as the coordinators of its school see it.

    Attributes:
        by: subject of the member of staff who asked or entered it.
        asker: who asked, as far as it is known: a colleague, or the contact whose number it is.
        student: the child, once it is known.
        name: of that child.
        children: who it may be about: the children of the households that may have asked.
        child: as whoever asked named it; `grade`, `reach` and `words` likewise. Null once they are
            gone.
        elsewhere: children of the same number are at other schools of the district.
    """

    id: str
    version: int
    site: str | None
    source: RequestSource
    state: RequestState
    asked_at: datetime
    by: str | None
    asker: str | None
    student: str | None
    name: str | None
    grade: str | None
    children: tuple[MayBe, ...]
    child: str | None
    reach: str | None
    words: str | None
    elsewhere: bool
    handled: HandledView | None
    forget_at: datetime | None
    warnings: tuple[Warned, ...] = ()


class HelpReader:
    """Opens requests for who may read them."""

    def __init__(self, context: Context, askers: Vault) -> None:
        self._context = context
        self._askers = askers

    async def opened(self, request: HelpRequest) -> Asked | None:
        """Return what was asked; None once its key is gone."""
        vault = self._askers if request.own_key else self._context.vault
        return await vault.open_as_if(Asked, request.asked)

    async def sealed(self, request: HelpRequest, words: str) -> Sealed | None:
        """Return words under the request's key; None once that is gone."""
        vault = self._askers if request.own_key else self._context.vault
        try:
            return await vault.seal(request.key, words)
        except KeyGoneError:
            return None

    async def children(self, request: HelpRequest, sites: frozenset[str]) -> list[MayBe]:
        """Return who it may be about, of these schools."""
        store, known = self._context.store, list(request.families)
        # Households that were merged since have their children in the one that is left.
        merged = store.find(Family, {"absorbed": {"$in": known}}) if known else None
        known += [each.id async for each in merged] if merged else []
        query = (
            {"_id": request.student}
            if request.student
            else {"family": {"$in": known}, "erased_at": None}
        )
        found = [each async for each in store.find(Student, query)]
        found = [each for each in found if {"*", each.site} & sites]
        records = [await self._context.known_record(each) for each in found]
        return [
            MayBe(
                student=each.id,
                name=short_name(record),
                grade=record.grade if record else None,
                site=each.site,
            )
            for each, record in zip(found, records, strict=True)
        ]

    async def view(self, request: HelpRequest, sites: frozenset[str]) -> HelpRequestView:
        """Return a request with its words."""
        asked = await self.opened(request)
        children = await self.children(request, sites)
        one = next((each for each in children if each.student == request.student), None)
        schools = set(request.sites) - {EVERY_SCHOOL}
        return HelpRequestView(
            id=request.id,
            version=request.version,
            site=request.site,
            source=request.source,
            state=request.state,
            asked_at=request.asked_at,
            by=request.by,
            asker=(asked.asker if asked else None) or await self._contact(request),
            student=request.student,
            name=one.name if one else None,
            grade=one.grade if one else (asked.grade if asked else None),
            children=tuple(children),
            child=asked.child if asked else None,
            reach=asked.reach if asked else None,
            words=asked.words if asked else None,
            elsewhere="*" not in sites and bool(schools - sites),
            handled=await self._handled(request),
            forget_at=request.forget_at if request.own_key else None,
        )

    async def _handled(self, request: HelpRequest) -> HandledView | None:
        done = request.handled
        if done is None:
            return None
        vault = self._askers if request.own_key else self._context.vault
        return HandledView(
            how=done.how,
            at=done.at,
            by=done.by,
            referral=done.referral,
            words=await vault.open_if(done.words),
        )

    async def _contact(self, request: HelpRequest) -> str | None:
        """Return the name of the contact whose number it was."""
        if request.person is None:
            return None
        async for family in self._context.store.find(
            Family, {"contacts.id": request.person}, limit=1
        ):
            contact = family.contact(request.person)
            profile = await self._context.vault.open_as_if(
                Profile, contact.profile if contact else None
            )
            return profile.given_name if profile else None
        return None
