"""Merging two households over HTTP: a preview, the command, and its undoing."""

import contextlib
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from contracts.codes import Relation
from contracts.people import Profile
from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import unknown
from services.chassis.fields import Id
from services.chassis.http.commands import (
    Body,
    Identifier,
    IfMatch,
    expected_version,
    fingerprint,
    identifier,
    set_etag,
)
from services.chassis.privacy import KeyGoneError
from services.referral.api.children import family_for
from services.referral.api.context import Context
from services.referral.api.sight import seen
from services.referral.api.words import FewWords, Warned, warnings_of
from services.referral.handlers import merges
from services.referral.handlers.homes import schools_of
from services.referral.model.consent import ConsentBook
from services.referral.model.merge import FamilyMerge, MergeReason, joined
from services.referral.model.people import Contact, Family, Student
from services.referral.model.referral import Referral


class MergeBody(Body):
    """Which households, in which version the second was seen, and why they are one."""

    kept: Id
    absorbed: Id
    absorbed_version: int = Field(ge=1)
    reason: MergeReason
    why: FewWords | None = None


class UndoBody(Body):
    """Why it is undone."""

    reason: MergeReason = MergeReason.MISTAKE


class JoinedContact(Body):
    """Somebody around the household, once it is one.

    Attributes:
        family: which of the two they come from.
        hears_of: ids of the children of whom they may be told: never more than before.
        same_as: id of somebody of the other household with the same number or address.
    """

    id: str
    family: str
    relation: Relation
    given_name: str
    hears_of: tuple[str, ...]
    same_as: str | None


class MergePreview(Body):
    """What a merge would do.

    Attributes:
        kept_version: to be sent as If-Match.
        absorbed_version: to be sent in the body.
        students: the children who would come.
        contacts: everybody around the household afterwards.
        referrals: how many of the children's that the caller may see would follow.
        consents: how many consents would.
    """

    kept: str
    kept_version: int
    absorbed: str
    absorbed_version: int
    students: tuple[str, ...]
    contacts: tuple[JoinedContact, ...]
    referrals: int
    consents: int


class MergeView(Body):
    """A merge, and whether it was undone."""

    id: str
    version: int
    kept: str
    absorbed: str
    students: tuple[str, ...]
    by: str
    at: datetime
    reason: MergeReason
    why: str | None
    undone_by: str | None
    undone_at: datetime | None
    undone_reason: MergeReason | None
    warnings: tuple[Warned, ...] = ()


def merges_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["people"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.get("/families/{id}/merge-preview")
    async def preview(
        id: Identifier,
        caller: staff,
        absorb: Annotated[str, Query(max_length=36, description="The household to come in.")],
    ) -> MergePreview:
        """Tell what merging another household into this one would do; nothing is written."""
        kept, absorbed = await _both(context, caller, id, absorb)
        children = {
            each.id: await merges.children_of(context.store, each.id) for each in (kept, absorbed)
        }
        after = joined(kept, absorbed, children)
        coming = {"$in": list(children[absorbed.id])}
        visible = seen(caller, context.desk.rules(), Role.COORDINATOR)
        books = context.store.find(ConsentBook, {"_id": coming})
        return MergePreview(
            kept=kept.id,
            kept_version=kept.version,
            absorbed=absorbed.id,
            absorbed_version=absorbed.version,
            students=children[absorbed.id],
            contacts=await _joined(context, (kept, absorbed), after, children),
            referrals=await context.store.collection(Referral).count_documents(
                {"$and": [{"student": coming}, visible]}
            ),
            consents=sum([len(book.consents) async for book in books]),
        )

    @router.put("/family-merges/{id}")
    async def put_merge(
        id: Identifier,
        body: MergeBody,
        response: Response,
        caller: staff,
        if_match: IfMatch = None,
    ) -> MergeView:
        """Merge two households; everything of the children follows.

        If-Match is the kept household's ETag.
        """
        expected = expected_version(if_match)
        kept, absorbed = await _both(context, caller, body.kept, body.absorbed)
        own = identifier(id)
        wish = FamilyMerge(
            id=own,
            kept=kept.id,
            absorbed=absorbed.id,
            site=kept.site,
            absorbed_site=absorbed.site,
            students=(),
            kept_before=(),
            absorbed_before=(),
            after=(),
            by=caller.subject,
            at=context.clock.now(),
            reason=body.reason,
            why=await _sealed_why(context, kept, absorbed, body.why),
            fingerprint=fingerprint(context.secret, body),
        )
        done = await merges.merge_families(
            context.desk, wish, expected=expected, absorbed_version=body.absorbed_version
        )
        set_etag(response, done.version)
        view = await _view(context, done)
        return view.model_copy(update={"warnings": warnings_of([("why", body.why)])})

    @router.get("/family-merges/{id}")
    async def get_merge(id: Identifier, response: Response, caller: staff) -> MergeView:
        """Return a merge: who did it, when and why."""
        record = await _merge_for(context, caller, id)
        set_etag(response, record.version)
        return await _view(context, record)

    @router.post("/family-merges/{id}/undo")
    async def undo(
        id: Identifier,
        body: UndoBody,
        response: Response,
        caller: staff,
        if_match: IfMatch = None,
    ) -> MergeView:
        """Part two households again, as they were before.

        The children who came go back, with all that is theirs, also what was written since.
        Whoever joined since stays with the kept household.
        """
        record = await _merge_for(context, caller, id)
        done = await merges.undo_merge(
            context.desk,
            record.id,
            by=caller.subject,
            reason=body.reason,
            expected=expected_version(if_match),
        )
        set_etag(response, done.version)
        return await _view(context, done)

    return router


async def _both(
    context: Context, caller: Principal, kept: str, absorbed: str
) -> tuple[Family, Family]:
    """Return two households that the caller may both change."""
    return (
        await family_for(context, caller, kept, Role.COORDINATOR),
        await family_for(context, caller, absorbed, Role.COORDINATOR),
    )


async def _sealed_why(
    context: Context, kept: Family, absorbed: Family, why: str | None
) -> Sealed | None:
    """Seal words under the key of one of the household, so that they go when it is erased."""
    if why is None:
        return None
    for family in (absorbed, kept):
        people = [*await merges.children_of(context.store, family.id)]
        for person in (*people, *(each.id for each in family.contacts)):
            with contextlib.suppress(KeyGoneError):
                return await context.vault.seal(person, why)
    return None


async def _merge_for(context: Context, caller: Principal, id: str) -> FamilyMerge:
    record = await context.store.get(FamilyMerge, identifier(id))
    if record is None:
        raise unknown("merge")
    kept = await context.store.get(Family, record.kept)
    came = context.store.find(Student, {"_id": {"$in": list(record.students)}})
    at = {each.site async for each in came} or {record.absorbed_site}
    schools = (await schools_of(context.store, [kept]))[kept.id] if kept else {record.site}
    sites = caller.sites(Role.COORDINATOR)
    # Who leads where the children of both are now: not where they were when the two were merged.
    if not ({"*", *schools} & sites and {"*", *at} & sites):
        raise unknown("merge")
    return record


async def _joined(
    context: Context,
    families: tuple[Family, Family],
    after: tuple[Contact, ...],
    children: dict[str, tuple[str, ...]],
) -> tuple[JoinedContact, ...]:
    texts = await context.vault.open_many([each.profile for each in after])
    profiles = [None if text is None else Profile.model_validate_json(text) for text in texts]
    home = {each.id: family.id for family in families for each in family.contacts}
    everybody = [id for ids in children.values() for id in ids]
    ways = [_ways(each) for each in profiles]
    return tuple(
        JoinedContact(
            id=contact.id,
            family=home[contact.id],
            relation=contact.relation,
            given_name=profile.given_name if profile else "-",
            hears_of=tuple(id for id in everybody if contact.hears_of(id)),
            same_as=next(
                (
                    other.id
                    for other, theirs in zip(after, ways, strict=True)
                    if home[other.id] != home[contact.id] and theirs & own
                ),
                None,
            ),
        )
        for contact, profile, own in zip(after, profiles, ways, strict=True)
    )


def _ways(profile: Profile | None) -> set[str]:
    return set() if profile is None else {each for each in (profile.phone, profile.email) if each}


async def _view(context: Context, record: FamilyMerge) -> MergeView:
    why = await context.vault.open_if(record.why)
    return MergeView(
        id=record.id,
        version=record.version,
        kept=record.kept,
        absorbed=record.absorbed,
        students=record.students,
        by=record.by,
        at=record.at,
        reason=record.reason,
        why=why,
        undone_by=record.undone_by,
        undone_at=record.undone_at,
        undone_reason=record.undone_reason,
    )
