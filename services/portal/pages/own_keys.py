"""An agency's API keys: made with scopes and an end, shown once, replaced, ended."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.hooks import LIVES, SCOPES
from services.portal.pages.context import Pages
from services.portal.pages.own import SYSTEM, Own, own
from services.portal.pages.own_system import key_in_words
from services.portal.pages.partners import back
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

LONGEST_NAME = 200

Text = Annotated[str, Form(max_length=3 * LONGEST_NAME)]
Code = Annotated[str, StringConstraints(max_length=20)]
Chosen = Annotated[list[Code] | None, Form(max_length=20)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds; `replaces`: the key that ends a day later."""

    name: str = ""
    scopes: tuple[str, ...] = ("feed", "webhooks")
    days: int = 365
    replaces: str = ""

    def lacks(self) -> str | None:
        """Return the words for what is wrong, or None."""
        if not 0 < len(self.name) <= LONGEST_NAME:
            return "key.say-name"
        if not self.scopes or not set(self.scopes) <= set(SCOPES):
            return "key.say-scopes"
        return None if self.days in LIVES else "key.say-days"

    def body(self, agency: str) -> dict[str, Any]:
        """Return what is sent."""
        own_ = {"agency": agency, "name": self.name, "scopes": list(self.scopes), "days": self.days}
        return {**own_, **({"replaces": self.replaces} if self.replaces else {})}


def own_keys_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/agency/{agency}/system/keys", include_in_schema=False)

    @router.get("/new")
    async def ask(
        request: Request, agency: str, replaces: Annotated[str, Query(max_length=36)] = ""
    ) -> Response:
        """Ask what it is for; in place of another one it begins as that."""
        mine = await own(pages, request, agency, *SYSTEM)
        typed = Typed()
        if is_id(replaces):
            known = await _key(mine, replaces)
            typed = Typed(known["name"], tuple(known["scopes"]), replaces=known["id"])
        return _form(mine, new_id(), typed)

    @router.post("/{id}")
    async def make(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        agency: str,
        id: str,
        name: Text = "",
        scope: Chosen = None,
        days: Annotated[int, Form(ge=1, le=366)] = 365,
        replaces: Annotated[str, Form(max_length=36)] = "",
    ) -> Response:
        """Make it, and show it, this once; sent twice it makes one."""
        mine = await own(pages, request, agency, *SYSTEM)
        scopes = tuple(each for each in SCOPES if each in (scope or ()))
        typed = Typed(" ".join(name.split()), scopes, days, replaces if is_id(replaces) else "")
        lacks = typed.lacks()
        if lacks is not None:
            return _form(mine, id, typed, lacking(lacks, mine.here.words), 422)
        try:
            made = await mine.here.put(f"/v1/api-keys/{checked(id)}", typed.body(mine.agency))
        except PageError as error:
            if not about_the_form(error):
                raise
            return _form(mine, id, typed, mine.here.refusal(error), error.status)
        return mine.page("key_shown.html", "system", key=key_in_words(mine, made))

    @router.post("/{id}/revoke")
    async def revoke(request: Request, agency: str, id: str) -> Response:
        """End it at once."""
        mine = await own(pages, request, agency, *SYSTEM)
        await mine.here.post(f"/v1/api-keys/{checked(id)}/revoke", {})
        return back(f"{mine.place}/system", "key-revoked")

    return router


async def _key(mine: Own, id: str) -> dict[str, Any]:
    listed = await mine.here.get("/v1/api-keys", agency=mine.agency)
    for each in listed["items"]:
        if each["id"] == id:
            return dict(each)
    raise PageError(404)


def _form(
    mine: Own, id: str, typed: Typed, problem: Refused | None = None, status: int = 200
) -> Response:
    return mine.page(
        "key_form.html",
        "system",
        problem=problem,
        status=status,
        action=f"{mine.place}/system/keys/{checked(id)}",
        typed=typed,
        scopes=SCOPES,
        lives=LIVES,
        longest=LONGEST_NAME,
    )
