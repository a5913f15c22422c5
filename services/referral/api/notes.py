"""Notes over HTTP."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends, Query, Response
from pydantic import model_validator

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, Kind, TwoTonguesError, unknown
from services.chassis.fields import Id
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    IfMatch,
    Limit,
    Page,
    expected_version,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.referral import care_store as reading
from services.referral.api.children import child_for
from services.referral.api.context import Context
from services.referral.api.words import (
    TEAM,
    Warned,
    Words,
    may_see,
    open_words,
    referral_of,
    seal_words,
    seen_referrals,
    warnings_of,
)
from services.referral.handlers import notes
from services.referral.model.attempts import in_milliseconds
from services.referral.model.notes import EDITABLE, Amendment, Note, Visibility


class EditBody(Body):
    """What a note says, and who reads it."""

    words: Words
    visibility: Visibility = Visibility.CARE_TEAM


class NoteBody(EditBody):
    """A note on a student, and on one of the student's referrals where it names one."""

    student: Id
    referral: Id | None = None

    @model_validator(mode="after")
    def _partner_of_a_referral(self) -> Self:
        if self.visibility is Visibility.PARTNER and self.referral is None:
            raise TwoTonguesError(
                "a note for the partner belongs to a referral: say which one",
                "una nota para la agencia va con una derivación: diga cuál",
            )
        return self


class AmendmentBody(Body):
    """What is added to a note."""

    words: Words


class AmendmentView(Body):
    """What was added to a note later."""

    id: str
    words: str | None
    by: str
    at: datetime


class NoteView(Body):
    """A note as its readers see it. `words` is null where the child was erased.

    Attributes:
        editable_until: until then its author may still change its words.
    """

    id: str
    version: int
    student: str
    referral: str | None
    visibility: Visibility
    words: str | None
    author: str
    written_at: datetime
    edited_at: datetime | None
    editable_until: datetime
    amendments: tuple[AmendmentView, ...]
    warnings: tuple[Warned, ...] = ()


def notes_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["notes"])
    reader = Annotated[Principal, Depends(Allow(*TEAM, Role.ADMIN))]
    writer = Annotated[Principal, Depends(Allow(*TEAM))]

    @router.put("/notes/{id}")
    async def put_note(
        id: Identifier, body: NoteBody, response: Response, caller: writer
    ) -> NoteView:
        """Write a note; a repeat with the same body is the same answer."""
        student = await child_for(context, caller, body.student, *TEAM)
        referral = await referral_of(context, caller, student, body.referral)
        note = Note(
            id=identifier(id),
            student=student.id,
            family=student.family,
            site=student.site,
            referral=referral,
            visibility=body.visibility,
            words=await seal_words(context, student.id, body.words),
            author=caller.subject,
            written_at=in_milliseconds(context.clock.now()),
            fingerprint=fingerprint(context.secret, body),
            via=caller.origin.via.value,
        )
        entered = await notes.put_note(context.desk, note)
        return await _answer(context, response, entered, warnings_of([("words", body.words)]))

    @router.get("/notes/{id}")
    async def get_note(id: Identifier, response: Response, caller: reader) -> NoteView:
        """Return one note."""
        return await _answer(context, response, await _readable(context, caller, id))

    @router.post("/notes/{id}/edit")
    async def edit_note(
        id: Identifier,
        body: EditBody,
        response: Response,
        caller: writer,
        if_match: IfMatch = None,
    ) -> NoteView:
        """Change a note's words or readers, within an hour, as its author."""
        note = await _readable(context, caller, id)
        if body.visibility is Visibility.PARTNER and note.referral is None:
            raise EnlaceError(
                "no-partner",
                Kind.RULE,
                "This note belongs to no referral, so there is no partner to read it. Write a note "
                "on the referral instead.",
                es="Esta nota no es de ninguna derivación, así que no hay agencia que la lea. "
                "Escriba la nota en la derivación.",
            )
        after = await notes.edit_note(
            context.desk,
            note.id,
            words=await seal_words(context, note.student, body.words),
            visibility=body.visibility,
            by=caller.subject,
            edit=fingerprint(context.secret, body),
            expected=expected_version(if_match),
        )
        return await _answer(context, response, after, warnings_of([("words", body.words)]))

    @router.put("/notes/{id}/amendments/{amendment}")
    async def put_amendment(
        id: Identifier,
        amendment: Identifier,
        body: AmendmentBody,
        response: Response,
        caller: writer,
    ) -> NoteView:
        """Add to a note, as its author; nothing is overwritten."""
        note = await _readable(context, caller, id)
        fresh = Amendment(
            id=identifier(amendment),
            words=await seal_words(context, note.student, body.words),
            by=caller.subject,
            at=in_milliseconds(context.clock.now()),
            fingerprint=fingerprint(context.secret, body),
        )
        after = await notes.put_amendment(context.desk, note.id, fresh)
        return await _answer(context, response, after, warnings_of([("words", body.words)]))

    @router.get("/students/{student}/notes")
    async def list_notes(
        student: Identifier,
        caller: reader,
        referral: Annotated[str | None, Query(max_length=36)] = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[NoteView]:
        """List a child's notes that the caller may read, newest first."""
        child = await child_for(context, caller, student, *TEAM)
        named = await reading.referrals_named(context.store, Note, child.id)
        seen = await seen_referrals(context, caller, named)
        if referral is not None:
            wanted = identifier(referral)
            seen = [each for each in seen if each == wanted]
        found = await reading.list_notes(
            context.store,
            child.id,
            reader=caller.subject,
            referrals=seen,
            before=read_cursor(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        return Page[NoteView](
            items=[await view_of(context, each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    return router


async def _readable(context: Context, caller: Principal, id: str) -> Note:
    note = await context.store.get(Note, identifier(id))
    if note is None or not note.readable_by(caller.subject):
        raise unknown("note")
    # The student may have moved to another school since.
    await child_for(context, caller, note.student, *TEAM)
    if not await may_see(context, caller, note.referral):
        raise unknown("note")
    return note


async def _answer(
    context: Context, response: Response, note: Note, warnings: tuple[Warned, ...] = ()
) -> NoteView:
    set_etag(response, note.version)
    view = await view_of(context, note)
    return view.model_copy(update={"warnings": warnings})


async def view_of(context: Context, note: Note) -> NoteView:
    """Return a note with its words opened."""
    return NoteView(
        id=note.id,
        version=note.version,
        student=note.student,
        referral=note.referral,
        visibility=note.visibility,
        words=await open_words(context, note.words),
        author=note.author,
        written_at=note.written_at,
        edited_at=note.edited_at,
        editable_until=note.written_at + EDITABLE,
        amendments=tuple(
            [
                AmendmentView(
                    id=each.id,
                    words=await open_words(context, each.words),
                    by=each.by,
                    at=each.at,
                )
                for each in note.amendments
            ]
        ),
    )


async def notes_for_partner(context: Context, referral: str) -> tuple[str, ...]:
    """Return the words of a referral's notes for its partner, oldest first, each with amendments.

    For the path that has checked a consent naming notes, and has written the disclosure, alone.
    """
    words: list[str | None] = []
    for note in await reading.partner_notes(context.store, referral):
        words.append(await open_words(context, note.words))
        words += [await open_words(context, each.words) for each in note.amendments]
    return tuple(each for each in words if each is not None)
