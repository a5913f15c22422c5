"""Consent: seen, read out in the family's language, recorded, and taken back.

Two steps: what is agreed is chosen, then stands there as one text in the language in which it is
read, and whoever consents agrees to that text. What the second step sends is what it showed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from contracts.codes import ReleasedPart
from contracts.consents import ConsentMethod
from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.pages.context import Pages
from services.portal.pages.parts import Around, Staff, Visit, visit
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF
from services.portal.when import is_day
from services.portal.words import LANGUAGES, words_in

NAME_CHARACTERS = 100
METHODS = tuple(each.value for each in ConsentMethod)
PARTS = tuple(each.value for each in ReleasedPart)
USUAL_PARTS = ("name", "contact", "need", "grade", "language")
READ_IN = (*LANGUAGES, "mix", "tl", "vi", "other")
"""Languages in which it is read; of those that the portal does not speak, by an interpreter."""

UNKNOWN_LANGUAGE = "und"
"""For one that the list does not have (BCP 47: undetermined); the interpreter's name stays."""

_SCHOOL_YEAR_ENDS = (6, 30)
_SHORTEST = timedelta(days=30)

Text = Annotated[str, Form(max_length=100)]
Name = Annotated[str, Form(max_length=3 * NAME_CHARACTERS)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds."""

    consent: str
    given_by: str
    method: str
    read_in: str
    witness: str
    interpreter: str
    whom: str
    until: str
    parts: tuple[str, ...]
    guardian_may_know: bool = False

    def body(self, referral: Referral) -> dict[str, Any]:
        """Return what is sent."""
        only = {each.agency for each in referral.candidates} | (
            {referral.agency} if referral.agency else set()
        )
        optional = {"witness": self.witness, "interpreter": self.interpreter}
        return {
            "student": referral.student,
            "categories": [referral.category],
            "agencies": sorted(only) if self.whom == "asked" else [],
            "parts": list(self.parts),
            "method": self.method,
            "given_by": self.given_by,
            "until": self.until,
            "read_in": UNKNOWN_LANGUAGE if self.read_in == "other" else self.read_in,
            **{name: value for name, value in optional.items() if value},
            **({"guardian_may_know": True} if self.guardian_may_know else {}),
        }


def consent_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/consent", include_in_schema=False)

    async def step(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        consent: Text = "",
        given_by: Text = "",
        method: Text = "",
        read_in: Text = "",
        witness: Name = "",
        interpreter: Name = "",
        whom: Text = "any",
        until: Text = "",
        parts: Annotated[list[str] | None, Form(max_length=10)] = None,
        guardian_may_know: Text = "",
        agreed: Text = "",
    ) -> Response:
        """Read it out; once it is agreed to, record it."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        typed = Typed(
            consent=consent if is_id(consent) else new_id(),
            given_by=given_by,
            method=method,
            read_in=read_in if read_in in READ_IN else LANGUAGES[0],
            witness=witness.strip(),
            interpreter=interpreter.strip(),
            whom=whom,
            until=until,
            parts=tuple(each for each in PARTS if each in (parts or ())),
            guardian_may_know=guardian_may_know == "yes" and given_by == here.referral.student,
        )
        lacks = _lacking(typed)
        if lacks is not None:
            return await _page(here, typed, lacking(lacks, here.words), 422)
        if request.url.path.endswith("/read"):
            return await _read_out(here, typed)
        if agreed != "yes":
            return await _read_out(here, typed, lacking("consent.not-agreed", here.words), 422)
        try:
            entered = await here.put(f"/v1/consents/{typed.consent}", typed.body(here.referral))
        except PageError as error:
            if not about_the_form(error):
                raise
            shown = refused(error, here.words, pages.when(here.words))
            return await _page(here, typed, shown, error.status)
        return here.go_on(entered, "consent", "consent")

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show what was agreed, and what was taken back."""
        return await _page(await visit(pages, request, id, *STAFF))

    router.post("/read")(step)
    router.post("")(step)
    return router


def _lacking(typed: Typed) -> str | None:
    """Return the words for what the form lacks, or None."""
    aloud = typed.method == ConsentMethod.VERBAL_WITNESSED.value
    names_fit = max(len(typed.witness), len(typed.interpreter)) <= NAME_CHARACTERS
    there = {
        "consent.choose-who": is_id(typed.given_by),
        "consent.choose-how": typed.method in METHODS,
        "consent.say-witness": bool(typed.witness) or not aloud,
        "consent.name-too-long": names_fit,
        "consent.choose-parts": bool(typed.parts),
        "consent.say-until": is_day(typed.until),
    }
    return next((key for key, fits in there.items() if not fits), None)


def until_when(today: date) -> date:
    """Return the end of the school year: the next one where this one is nearly over."""
    month, day = _SCHOOL_YEAR_ENDS
    ends = date(today.year, month, day)
    return ends if ends - today >= _SHORTEST else ends.replace(year=today.year + 1)


async def _page(
    here: Visit, typed: Typed | None = None, problem: Refused | None = None, status: int = 200
) -> Response:
    around = await here.around()
    staff = await here.staff()
    found = await here.every(f"/v1/students/{here.referral.student}/consents")
    ids = {agency for each in found for agency in each["agencies"]} | set(here.referral.agencies)
    names = await here.pages.names.agencies(ids, here.session.token)
    told = [told_consent(each, here, around, staff, names) for each in found]
    today = here.pages.when(here.words).now.date()
    people = around.reachable
    reads = str(people[0]["reads"]) if people else LANGUAGES[0]
    fresh = Typed(
        consent=new_id(),
        given_by=str(people[0]["id"]) if len(people) == 1 else "",
        method="",
        read_in=reads if reads in READ_IN else "other",
        witness="",
        interpreter="",
        whom="any",
        until=until_when(today).isoformat(),
        parts=USUAL_PARTS,
    )
    holds = [each for each in told if each["holds"]]
    return await here.page(
        "consent.html",
        "consent",
        refused=problem,
        status=status,
        holding=holds,
        covers=any(each["covers"] for each in holds),
        over=[each for each in reversed(told) if not each["holds"]],
        people=[{**each, "who": around.who(each["id"])} for each in people],
        child=around.child,
        asked=[names[id] for id in here.referral.agencies if id in names],
        methods=METHODS,
        languages=READ_IN,
        parts=PARTS,
        typed=typed or fresh,
        longest=NAME_CHARACTERS,
        open_form=typed is not None or here.referral.business == "awaiting-consent",
    )


async def _read_out(
    here: Visit, typed: Typed, problem: Refused | None = None, status: int = 200
) -> Response:
    around = await here.around()
    spoken = words_in(typed.read_in if typed.read_in in LANGUAGES else here.words.language)
    when = here.pages.when(spoken)
    names = await here.pages.names.agencies(here.referral.agencies, here.session.token)
    asked = [names[id] for id in here.referral.agencies if id in names]
    if typed.whom == "asked" and asked:
        whom = spoken.listed(asked)
    else:
        need = spoken.code("need", here.referral.category)
        whom = str(spoken("consent.text-any", need=need))
    own = typed.given_by == here.referral.student
    text = spoken(
        "consent.text-own" if own else "consent.text",
        child=around.child["given_name"],
        school=here.pages.site(here.referral.site).name,
        whom=whom,
        need=spoken.code("need", here.referral.category),
        parts=spoken.listed([spoken.code("part", each) for each in typed.parts]),
        until=when.calendar_day(typed.until),
    )
    giver = next((each for each in around.contacts if each["id"] == typed.given_by), None)
    return here.pages.page(
        here.request,
        "consent_read.html",
        words=here.words,
        session=here.session,
        status=status,
        referral=here.referral,
        typed=typed,
        text=text,
        spoken=spoken,
        who=around.who(typed.given_by),
        given_name=around.child["given_name"] if own else giver["given_name"] if giver else "",
        refused=problem,
        school=here.pages.site(here.referral.site).name,
    )


def told_consent(
    consent: Mapping[str, Any],
    here: Visit,
    around: Around,
    staff: Staff,
    names: Mapping[str, str],
) -> dict[str, Any]:
    """Return a consent as a page says it."""
    ended = consent["revocation"]
    words = here.words
    agencies = [names.get(id, str(words("agency.unknown"))) for id in consent["agencies"]]
    return {
        **consent,
        "who": around.who(consent["given_by"]),
        "needs": words.listed([words.code("need", each) for each in consent["categories"]]),
        "told": words.listed([words.code("part", each) for each in consent["parts"]]),
        "whom": words.listed(agencies) if agencies else "",
        "entered_by_name": staff.name(consent["entered_by"]),
        "covers": here.referral.category in consent["categories"],
        "taken_back": None
        if ended is None
        else {
            **ended,
            "at": datetime.fromisoformat(ended["at"]),
            "who": around.who(ended["by"]) or str(words("consent.by-school")),
            "recorded_by_name": staff.name(ended["recorded_by"]),
        },
    }
