"""Answering what a family wrote: their words on top, a box below, and words to start from."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import conversation
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF

LONGEST = 480
"""Characters of an answer, as notify takes them."""

SUGGESTED = ("1", "2", "3")
_WRITTEN_IN = ("es", "en")

Words = Annotated[str, Form(max_length=3 * LONGEST)]
Text = Annotated[str, Form(max_length=64)]


def reply_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/reply", include_in_schema=False)

    @router.get("")
    async def show(
        request: Request,
        id: str,
        start: Annotated[str, Query(alias="with", max_length=2)] = "",
    ) -> Response:
        """Show what was said, and a box for the answer, which `with` fills with first words."""
        return await _page(await visit(pages, request, id, *STAFF), start=start)

    @router.post("")
    async def send(request: Request, id: str, reply: Text = "", words: Words = "") -> Response:
        """Send the answer; the same form again sends nothing new."""
        here = await visit(pages, request, id, *STAFF)
        said = " ".join(words.split())
        typed = {"reply": reply if is_id(reply) else new_id(), "words": said}
        if not said or len(said) > LONGEST:
            lacks = "talk.too-long" if said else "talk.say"
            return await _page(here, typed, lacking(lacks, here.words), status=422)
        path = f"/v1/referrals/{here.referral.id}/staff-replies/{typed['reply']}"
        try:
            await pages.upstream.put("notify", path, {"words": said}, token=here.session.token)
        except PageError as error:
            if not about_the_form(error):
                raise
            told = refused(error, here.words, pages.when(here.words))
            return await _page(here, typed, told, status=error.status)
        return here.back("reply", "reply")

    return router


async def _page(
    here: Visit,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
    *,
    start: str = "",
    status: int = 200,
) -> Response:
    talk = await conversation(here.pages, here.session, here.referral.id) or []
    sent_in = [each.language for each in talk if each.outgoing and each.language in _WRITTEN_IN]
    reads = sent_in[-1] if sent_in else here.words.language
    begun = here.words(f"talk.suggest.{reads}.{start}") if start in SUGGESTED else ""
    return await here.page(
        "reply.html",
        "reply",
        refused=problem,
        status=status,
        talk=talk,
        written=any(not each.outgoing for each in talk),
        reads=reads,
        suggested=SUGGESTED,
        typed={"reply": new_id(), "words": str(begun), **(typed or {})},
        longest=LONGEST,
    )
