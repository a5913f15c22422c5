"""All that was said with a family, about every need of theirs that the reader may know of."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from services.portal.pages.context import Pages
from services.portal.pages.parts import visit
from services.portal.pages.today import STAFF

_SHOWN = 50


class Line(BaseModel):
    """One text or mail; `text` is None once the person was erased."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    outgoing: bool
    at: datetime
    text: str | None = None
    language: str | None = None
    state: str | None = None
    referral: str | None = None
    crisis: bool = False
    pictures: int = 0


def talk_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/messages", include_in_schema=False)

    @router.get("")
    async def show(
        request: Request,
        id: str,
        q: Annotated[str, Query(max_length=100)] = "",
        cursor: Annotated[str, Query(max_length=200)] = "",
    ) -> Response:
        """Show the family's messages, newest first, or those with some words in them."""
        here = await visit(pages, request, id, *STAFF)
        around = await here.around()
        wanted = {"q": q.strip(), "cursor": cursor, "limit": _SHOWN}
        found = await pages.upstream.get(
            "notify",
            f"/v1/families/{around.family}/conversation",
            token=here.session.token,
            params={name: value for name, value in wanted.items() if value},
        )
        return await here.page(
            "talk.html",
            "messages",
            talk=[Line.model_validate(each) for each in found["items"]],
            sought=q.strip(),
            next=found["next"],
        )

    return router
