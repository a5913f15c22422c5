"""Notes on a referral: who reads them, changed within the hour, added to later."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import Staff, Visit, visit
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF
from services.portal.pages.warned import KEPT

WORDS_CHARACTERS = 4_000
VISIBILITIES = ("care-team", "only-me", "partner")
SHOWN = 50

_AN_HOUR = "warned.notes"
"""What is said of a note that should not stand: it can be changed. What is added to it cannot."""

Words = Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)]
Text = Annotated[str, Form(max_length=64)]


def notes_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/notes", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show the notes that the reader may read."""
        return await _page(await visit(pages, request, id, *STAFF))

    @router.post("")
    async def write(
        request: Request, id: str, note: Text = "", words: Words = "", visibility: Text = ""
    ) -> Response:
        """Write a note; the same form again writes nothing new."""
        here = await visit(pages, request, id, *STAFF)
        typed = {
            "note": note if is_id(note) else new_id(),
            "words": _clean(words),
            "visibility": visibility,
        }
        lacks = _lacking(typed["words"], visibility)
        if lacks is not None:
            return await _page(here, typed, lacking(lacks, here.words), 422)
        body = {
            "student": here.referral.student,
            "referral": here.referral.id,
            "words": typed["words"],
            "visibility": visibility,
        }
        return await _enter(here, f"/v1/notes/{typed['note']}", body, typed, _AN_HOUR)

    @router.post("/{note}/edit")
    async def edit(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        note: str,
        seen: Annotated[int, Form(ge=0)],
        words: Words = "",
        visibility: Text = "",
    ) -> Response:
        """Change one's own note, within the hour."""
        here = await visit(pages, request, id, *STAFF)
        typed = {"of": note, "edited": _clean(words), "edited_visibility": visibility}
        lacks = _lacking(typed["edited"], visibility)
        if lacks is not None:
            return await _page(here, typed, lacking(lacks, here.words), 422)
        body = {"words": typed["edited"], "visibility": visibility}
        try:
            changed = await here.post(f"/v1/notes/{checked(note)}/edit", body, seen)
        except PageError as error:
            return await _not_done(here, typed, error)
        return here.go_on(changed, "notes", "note-changed", says=_AN_HOUR)

    @router.post("/{note}/add")
    async def add(
        request: Request, id: str, note: str, amendment: Text = "", words: Words = ""
    ) -> Response:
        """Add to one's own note; nothing is overwritten."""
        here = await visit(pages, request, id, *STAFF)
        typed = {"of": note, "added": _clean(words)}
        lacks = _lacking(typed["added"], VISIBILITIES[0])
        if lacks is not None:
            return await _page(here, typed, lacking(lacks, here.words), 422)
        fresh = amendment if is_id(amendment) else new_id()
        path = f"/v1/notes/{checked(note)}/amendments/{fresh}"
        return await _enter(here, path, {"words": typed["added"]}, typed, KEPT)

    return router


def _clean(words: str) -> str:
    return words.replace("\r\n", "\n").strip()


def _lacking(words: str, visibility: str) -> str | None:
    """Return the words for what the form lacks, or None."""
    if not words:
        return "note.say"
    if len(words) > WORDS_CHARACTERS:
        return "note.too-long"
    return None if visibility in VISIBILITIES else "note.choose-reader"


async def _enter(
    here: Visit, path: str, body: Mapping[str, Any], typed: Mapping[str, str], says: str
) -> Response:
    """Enter it; where the words hold what should never be written, say so."""
    try:
        entered = await here.put(path, body)
    except PageError as error:
        return await _not_done(here, typed, error)
    return here.go_on(entered, "notes", "note", says=says)


async def _not_done(here: Visit, typed: Mapping[str, str], error: PageError) -> Response:
    if not about_the_form(error):
        raise error
    shown = refused(error, here.words, here.pages.when(here.words))
    return await _page(here, typed, shown, error.status)


async def _page(
    here: Visit,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    staff = await here.staff()
    path = f"/v1/students/{here.referral.student}/notes"
    found = await here.get(path, referral=here.referral.id, limit=SHOWN)
    fresh = {"note": new_id(), "words": "", "visibility": VISIBILITIES[0], "of": "", "added": ""}
    return await here.page(
        "notes.html",
        "notes",
        refused=problem,
        status=status,
        notes=[_told(each, here, staff) for each in found["items"]],
        visibilities=VISIBILITIES,
        typed={**fresh, **(typed or {})},
        amendment=new_id(),
        longest=WORDS_CHARACTERS,
    )


def _told(note: Mapping[str, Any], here: Visit, staff: Staff) -> dict[str, Any]:
    own = note["author"] == here.session.person.subject
    until = datetime.fromisoformat(note["editable_until"])
    return {
        **note,
        "at": datetime.fromisoformat(note["written_at"]),
        "by_name": staff.name(note["author"]),
        "own": own,
        "editable": own and here.pages.clock.now() < until,
        "until": until,
        "amendments": [
            {**each, "at": datetime.fromisoformat(each["at"])} for each in note["amendments"]
        ],
    }
