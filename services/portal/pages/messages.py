"""The words of messages and what texts cost: for the district's administrators."""

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from babel.dates import format_date
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.sessions import Session
from services.portal.words import Words

_MAIL = {
    # As it arrives: nothing in it runs, and its own styles alone are let through.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
}
_LONGEST_NAME = 64
_AUDIENCES = ("family", "agency")
_LANGUAGES = ("es", "en")

Language = Literal["es", "en"]
Size = Literal["shortest", "longest"]


def messages_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/messages", include_in_schema=False)

    @router.get("")
    async def show_all(request: Request) -> Response:
        """Show every message there is, and what texts have cost this month."""
        session = await _admin(pages, request)
        words = pages.words(request)
        templates, costs = await asyncio.gather(
            pages.upstream.get("notify", "/v1/message-templates", token=session.token),
            pages.upstream.get("notify", "/v1/text-costs", token=session.token),
        )
        groups = [
            (each, [_row(row, words) for row in templates if row["audience"] == each])
            for each in _AUDIENCES
        ]
        return pages.page(
            request,
            "messages.html",
            words=words,
            session=session,
            groups=groups,
            month=_month(costs["month"], words),
            schools=[_school(each, words) for each in costs["schools"]],
        )

    @router.get("/{name}")
    async def show_one(request: Request, name: str) -> Response:
        """Show a message as a phone and a mailbox do, in both languages, short and long."""
        session = await _admin(pages, request)
        found = await _template(pages, session, name)
        words = pages.words(request)
        texts = [each for each in found["examples"] if each["channel"] == "sms"]
        mails = [each for each in found["examples"] if each["channel"] == "email"]
        return pages.page(
            request,
            "message.html",
            words=words,
            session=session,
            name=found["name"],
            title=words.code("template", found["name"]),
            own=found["own"],
            texts=_by_language(texts),
            mails=_by_language(mails),
        )

    @router.get("/{name}/email")
    async def show_mail(
        request: Request, name: str, language: Language = "es", size: Size = "longest"
    ) -> Response:
        """Show a mail alone, as its reader sees it."""
        session = await _admin(pages, request)
        found = await _template(pages, session, name)
        for each in found["examples"]:
            if (each["channel"], each["language"], each["size"]) == ("email", language, size):
                return HTMLResponse(each["html"], headers=_MAIL)
        raise PageError(404)

    return router


async def _admin(pages: Pages, request: Request) -> Session:
    """Return who is signed in.

    Raises:
        PageError: it is no administrator of the district (403).
    """
    session = await pages.signed_in(request)
    if not session.person.has(Role.ADMIN):
        raise PageError(403)
    return session


async def _template(pages: Pages, session: Session, name: str) -> dict[str, Any]:
    if not name.replace("-", "").isalnum() or len(name) > _LONGEST_NAME:
        raise PageError(404)
    path = f"/v1/message-templates/{name}"
    found: dict[str, Any] = await pages.upstream.get("notify", path, token=session.token)
    return found


def _by_language(examples: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return examples side by side: the language, and each with its shortest values first."""
    return [
        (language, [each for each in examples if each["language"] == language])
        for language in _LANGUAGES
        if examples
    ]


def _row(row: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {"name": row["name"], "own": row["own"], "title": words.code("template", row["name"])}


def _month(month: str, words: Words) -> str:
    """Return a month as people name it."""
    return format_date(date.fromisoformat(f"{month}-01"), "MMMM y", locale=words.language)


def _school(costs: Mapping[str, Any], words: Words) -> dict[str, Any]:
    lines = [
        {
            "purpose": words.code("template", each["template"]),
            "language": words.code("language", each["language"]),
            "texts": each["texts"],
            "parts": each["parts"],
        }
        for each in costs["lines"]
    ]
    return {**costs, "lines": lines}
