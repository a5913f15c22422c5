"""An agency's own entry, put right by staff: its name, and the people there with their phones."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.entry_draft import LONGEST_NAME, LONGEST_TEXT
from services.portal.pages.context import Pages
from services.portal.pages.partners import WRITERS, Look, back, look
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

MOST_PEOPLE = 50
LONGEST_WEBSITE = 500
PREFERRED = ("email", "sms")

Text = Annotated[str, StringConstraints(max_length=3 * LONGEST_NAME)]
Column = Annotated[list[Text] | None, Form(max_length=MOST_PEOPLE + 1)]
Name = Annotated[str, Form(max_length=3 * LONGEST_NAME)]
Long = Annotated[str, Form(max_length=3 * LONGEST_TEXT)]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody at the agency, as typed; without a name there is nobody."""

    id: str
    name: str = ""
    phone: str = ""
    email: str = ""
    reads: str = "en"
    preferred: str = "email"

    def body(self) -> dict[str, Any]:
        """Return what is sent."""
        return {
            "id": self.id,
            "name": self.name,
            "phone": self.phone or None,
            "email": self.email or None,
            "reads": self.reads,
            "preferred": self.preferred,
        }


@dataclass(frozen=True, slots=True)
class AgencyDraft:
    """What the form holds."""

    name: str
    description: str
    website: str
    people: tuple[Person, ...]

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        if not 0 < len(self.name) <= LONGEST_NAME or len(self.description) > LONGEST_TEXT:
            return "entry.say-name"
        if len(self.website) > LONGEST_WEBSITE or len(self.people) > MOST_PEOPLE:
            return "entry.say-people"
        nameless = any((each.phone or each.email) and not each.name for each in self.people)
        long = any(len(each.name) > LONGEST_NAME for each in self.people)
        return "entry.say-people" if nameless or long else None

    def body(self, known: Mapping[str, Any]) -> dict[str, Any]:
        """Return what is sent."""
        return {
            "name": self.name,
            "description": self.description or None,
            "website": self.website or None,
            "retired": known["retired"],
            "contacts": [each.body() for each in self.people if each.name],
        }


def agency_form_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/agencies/{id}/change", include_in_schema=False)

    @router.get("")
    async def change(request: Request, id: str) -> Response:
        """Ask what is to be put right."""
        here = await look(pages, request, *WRITERS)
        known = await here.get(f"/v1/agencies/{checked(id)}")
        return _page(here, known, _draft_of(known))

    @router.post("")
    async def save(
        request: Request,
        id: str,
        *,
        seen: Annotated[int, Form(ge=0)],
        name: Name = "",
        description: Long = "",
        website: Name = "",
        who: Column = None,
        person: Column = None,
        phone: Column = None,
        email: Column = None,
        reads: Column = None,
        preferred: Column = None,
    ) -> Response:
        """Keep it, on the version that was seen; a directory's next import leaves it alone."""
        here = await look(pages, request, *WRITERS)
        path = f"/v1/agencies/{checked(id)}"
        known = await here.get(path)
        columns = [each or [] for each in (who, person, phone, email, reads, preferred)]
        rows = [[cell.strip() for cell in row] for row in zip_longest(*columns, fillvalue="")]
        typed = AgencyDraft(
            name=" ".join(name.split()),
            description=description.replace("\r\n", "\n").strip(),
            website=website.strip(),
            people=tuple(
                Person(row[0], row[1], row[2], row[3], row[4] or "en", row[5] or "email")
                for row in rows
                if is_id(row[0]) and any(row[1:4])
            ),
        )
        lacks = typed.lacks()
        if lacks is not None:
            return _page(here, known, typed, lacking(lacks, here.words), 422, seen)
        try:
            await here.put(path, typed.body(known), seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return _page(here, known, typed, here.refusal(error), error.status, seen)
        return back(f"/partners/agencies/{checked(id)}", "entry")

    return router


def _draft_of(known: Mapping[str, Any]) -> AgencyDraft:
    return AgencyDraft(
        name=known["name"],
        description=known["description"] or "",
        website=known["website"] or "",
        people=tuple(
            Person(
                id=each["id"],
                name=each["name"],
                phone=each["phone"] or "",
                email=each["email"] or "",
                reads=each["reads"],
                preferred=each["preferred"] or "email",
            )
            for each in known["contacts"]
            if each["name"]
        ),
    )


def _page(  # noqa: PLR0917 - what is known, what was typed, what was wrong
    here: Look,
    known: Mapping[str, Any],
    typed: AgencyDraft,
    problem: Refused | None = None,
    status: int = 200,
    seen: int | None = None,
) -> Response:
    languages = here.pages.district.now.languages
    reads = [str(each.code) for each in languages.all if not each.retired]
    reads += [each.reads for each in typed.people]
    room = [Person(new_id())] if len(typed.people) < MOST_PEOPLE else []
    return here.page(
        "agency_form.html",
        "directory",
        problem=problem,
        status=status,
        agency=known,
        version=known["version"] if seen is None else seen,
        typed=typed,
        people=[*typed.people, *room],
        reads=[(code, here.words.code("language", code)) for code in dict.fromkeys(reads)],
        preferred=PREFERRED,
        longest=LONGEST_NAME,
        longest_text=LONGEST_TEXT,
        longest_website=LONGEST_WEBSITE,
    )
