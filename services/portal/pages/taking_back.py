"""Taking a consent back: what that does is said before it is done."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.chassis.ids import is_id
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.pages.consent import told_consent
from services.portal.pages.context import Pages
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.seen import readings_of

WORDS_CHARACTERS = 500
REASONS = (
    "not-said",
    "no-longer-needed",
    "changed-mind",
    "concern-about-agency",
    "entered-wrongly",
    "other",
)
SCHOOL = "school"
"""Who takes it back where nobody of the family does."""

Text = Annotated[str, Form(max_length=64)]


def taking_back_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(
        prefix="/referrals/{id}/consent/{consent}/take-back", include_in_schema=False
    )

    @router.get("")
    async def ask(request: Request, id: str, consent: str) -> Response:
        """Say what taking it back will do, and ask who does."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        return await _page(here, checked(consent), {})

    @router.post("")
    async def take_back(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        consent: str,
        by: Text = "",
        reason: Text = "not-said",
        words: Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)] = "",
    ) -> Response:
        """Take it back; once more changes nothing."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        said = words.replace("\r\n", "\n").strip()
        typed = {"by": by, "reason": reason, "words": said}
        lacks = _lacking(typed)
        if lacks is not None:
            return await _page(here, checked(consent), typed, lacking(lacks, here.words), 422)
        body = {
            "reason": reason,
            **({"by": by} if by != SCHOOL else {}),
            **({"words": said} if said else {}),
        }
        path = f"/v1/students/{here.referral.student}/consents/{checked(consent)}/revoke"
        try:
            after = await here.post(path, body)
        except PageError as error:
            if not about_the_form(error):
                raise
            shown = refused(error, here.words, pages.when(here.words))
            return await _page(here, checked(consent), typed, shown, error.status)
        return here.go_on(after, "consent", "taken-back")

    return router


def _lacking(typed: dict[str, str]) -> str | None:
    """Return the words for what the form lacks, or None."""
    if typed["by"] != SCHOOL and not is_id(typed["by"]):
        return "back.say-who"
    if typed["reason"] not in REASONS:
        return "back.say-why"
    return "back.too-long" if len(typed["words"]) > WORDS_CHARACTERS else None


async def _page(
    here: Visit,
    consent: str,
    typed: dict[str, str],
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    around = await here.around()
    staff = await here.staff()
    found = await here.every(f"/v1/students/{here.referral.student}/consents")
    known = next((each for each in found if each["id"] == consent), None)
    if known is None:
        raise PageError(404)
    readings = await readings_of(here)
    readers = {each["agency"] for each in readings or () if each["consent"] == consent}
    names = await here.pages.names.agencies(
        {*readers, *known["agencies"], *here.referral.agencies}, here.session.token
    )
    unknown = str(here.words("agency.unknown"))
    own = known["own"]
    people = [] if own else around.contacts
    fresh: dict[str, Any] = {"by": known["given_by"], "reason": "not-said", "words": ""}
    return here.pages.page(
        here.request,
        "taking_back.html",
        words=here.words,
        session=here.session,
        status=status,
        referral=here.referral,
        consent=told_consent(known, here, around, staff, names),
        effect=_effect(here.referral, known),
        asked=here.words.listed([names.get(id, unknown) for id in here.referral.agencies]),
        readers=sorted(names.get(id, unknown) for id in readers),
        readers_known=readings is not None,
        people=[{"id": each["id"], "who": around.who(each["id"])} for each in people],
        student=here.referral.student if own else None,
        child=around.child["given_name"],
        reasons=REASONS,
        school_itself=SCHOOL,
        typed={**fresh, **typed},
        longest=WORDS_CHARACTERS,
        refused=problem,
        school=here.pages.site(here.referral.site).name,
    )


def _effect(referral: Referral, consent: dict[str, Any]) -> str | None:
    """Return the words for what becomes of this referral unless another consent covers it."""
    named = set(consent["agencies"])
    stands = referral.category in consent["categories"] and (
        not named or bool(named & set(referral.agencies))
    )
    if not stands or referral.over or referral.state == "draft" or referral.hand_off:
        return None
    return "back.ends-taken" if referral.claimed else "back.ends-asked"
