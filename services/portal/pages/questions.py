"""What agencies want to know before they answer: the coordinator answers, and names nobody."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from contracts.codes import AnswerWord, DayPart, InsuranceKind, Urgency
from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.card import asked
from services.portal.pages.context import Pages
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, refused

AGES = ("0-4", "5-6", "7-9", "10-12", "13-15", "16-22")
GRADES = ("pre-k", "k-2", "3-5", "6-8", "9-12")
_ONE = ("age", "grade", "language", "insurance", "urgency", "word")
_BY_TOPIC = {"age": ("age", "grade")}
_OPEN = frozenset({"open", "waitlisted"})
DAYS = (1, 2, 3)
"""How much more time can be given, in days."""

Code = Annotated[str, Form(max_length=64)]
Codes = Annotated[list[Annotated[str, StringConstraints(max_length=32)]] | None, Form()]


def questions_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/questions", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show what waits for an answer, with what is known filled in."""
        return await _page(await visit(pages, request, id, Role.COORDINATOR, Role.CARE_TEAM), {})

    @router.post("")
    async def answer(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        question: Code,
        age: Code = "",
        grade: Code = "",
        times: Codes = None,
        language: Code = "",
        insurance: Code = "",
        urgency: Code = "",
        word: Code = "",
        more: Code = "",
    ) -> Response:
        """Answer one question in bands and ready words."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        given = (age, grade, language, insurance, urgency, word)
        named = zip(_ONE, given, strict=True)
        said: dict[str, Any] = {name: value for name, value in named if value}
        if times:
            said["times"] = times
        body = {**said, **({"answer_by": more} if more else {})}
        path = f"/v1/referrals/{here.referral.id}/questions/{checked(question)}/answer"
        try:
            await here.post(path, body, seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            told = refused(error, here.words, pages.when(here.words))
            typed = {question: {**said, "more": more}}
            return await _page(here, typed, told, error.status)
        return here.back("questions", "answered")

    return router


async def _page(
    here: Visit,
    typed: Mapping[str, Mapping[str, Any]],
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    found = await here.get(f"/v1/referrals/{here.referral.id}/questions")
    offering = await here.get_if("partner", f"/v1/offerings/{here.referral.id}")
    texted = await here.get_if("notify", f"/v1/referrals/{here.referral.id}/agency-questions")
    offers = {each["offer"]: each for each in offering["offers"]} if offering else {}
    rows = [
        _row(here, each, offers.get(each["offer"], {}), texted or (), found["known"])
        for each in found["items"]
    ]
    languages = here.pages.district.now.languages
    return await here.page(
        "questions.html",
        "offers",
        refused=problem,
        status=status,
        version=found["version"],
        waiting=[each for each in rows if each["waits"]],
        answered=[each for each in rows if each["told"]],
        typed=typed,
        can_answer=here.session.person.has(Role.COORDINATOR),
        choices={
            "age": AGES,
            "grade": GRADES,
            "language": [str(each.code) for each in languages.all if not each.retired],
            "insurance": [each.value for each in InsuranceKind],
            "urgency": [each.value for each in Urgency],
            "word": [each.value for each in AnswerWord],
            "times": [each.value for each in DayPart],
        },
    )


def _row(
    here: Visit,
    question: Mapping[str, Any],
    offer: Mapping[str, Any],
    texted: Any,
    known: Mapping[str, Any],
) -> dict[str, Any]:
    """Return one question with its agency, its words, and what is known filled in."""
    own: Mapping[str, Any] = next(
        (each for each in offer.get("questions", ()) if each["question"] == question["question"]),
        {},
    )
    fields = [part for topic in question["topics"] for part in _BY_TOPIC.get(topic, (topic,))]
    until = datetime.fromisoformat(offer.get("answer_by") or question["answer_by"])
    return {
        **asked({**question, "words": own.get("words")}, here.words),
        "id": question["question"],
        "name": offer.get("agency_name"),
        "texts": [each["text"] for each in texted if each["offer"] == question["offer"]],
        "waits": question["answer"] is None and offer.get("state", "open") in _OPEN,
        "fields": [each for each in fields if each != "other"],
        "known": known,
        "until": until,
        "later": [until + timedelta(days=each) for each in DAYS],
    }
