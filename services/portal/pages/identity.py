"""Who the child is: a code to the registered address, then one look."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.errors import PageError
from services.portal.pages.card import Card
from services.portal.pages.context import Pages
from services.portal.pages.delete import reference

Text = Annotated[str, Form(max_length=20)]


def identity_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/a/{token}", include_in_schema=False)
    card = Card(pages)

    @router.get("/who")
    async def ask_code(request: Request, token: str) -> Response:
        """Explain the code, and offer to send one."""
        return await card.step(request, token, "code.html", sent=False)

    @router.post("/code")
    async def send_code(request: Request, token: str) -> Response:
        """Have a code sent to the registered address."""
        try:
            await pages.upstream.post("partner", "/v1/answers/code", {}, link=token)
        except PageError as error:
            return await card.show(request, token, problem=error)
        return await card.step(request, token, "code.html", sent=True)

    @router.post("/who")
    async def who(request: Request, token: str, code: Text = "") -> Response:
        """Exchange the code for the child's identity, which is shown once."""
        digits = "".join(code.split())
        try:
            key = await pages.upstream.post(
                "partner", "/v1/answers/identity-token", {"code": digits}, link=token
            )
            identity = await pages.upstream.get(
                "referral", f"/v1/referrals/{key['referral']}/identity", token=key["token"]
            )
        except PageError as error:
            malformed = error.status == HTTPStatus.UNPROCESSABLE_ENTITY
            slug = "code-wrong" if malformed else error.slug
            return await card.step(
                request, token, "code.html", status=error.status, problem=slug, sent=True
            )
        return await card.step(
            request, token, "who.html", identity=identity, reference=reference(key["referral"])
        )

    return router
