"""The card of an offer: reads it, fills a page with it, and acts through it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.doors import Door, LinkDoor
from services.portal.pages.lost import kept_of
from services.portal.words import Words

DONE = frozenset({"claim", "waitlist", "decline", "contest", "progress", "question", "seats"})
"""What an answer was, for the line that thanks for it."""


_ANSWERS = {
    "language": "language",
    "insurance": "cover",
    "urgency": "urgency",
    "word": "word",
}
"""The parts of an answer that are one code, and the words they are said in."""


class Card:
    """Shows the card of an offer in its states; without a door, behind its link."""

    def __init__(self, pages: Pages, door: Door | None = None) -> None:
        self._pages = pages
        self.door = door or LinkDoor(pages, "/a", "/v1/answers")

    async def show(
        self, request: Request, token: str, problem: PageError | None = None
    ) -> Response:
        """Show the card; where an answer was refused, with the reason on top."""
        done = request.query_params.get("done")
        known = done if done in DONE else None
        return await self.step(
            request,
            token,
            "agency.html",
            status=problem.status if problem else 200,
            problem=problem.slug if problem else None,
            done=f"done.{known}" if known else None,
            kept=await kept_of(request, problem.status) if problem else None,
        )

    async def step(
        self,
        request: Request,
        token: str,
        template: str,
        *,
        status: int = 200,
        problem: str | None = None,
        **values: Any,
    ) -> Response:
        """Show one page of the offer."""
        words = self._pages.words(request)
        card = await self.door.read(request, token)
        filled: dict[str, Any] = {
            "card": card,
            "state": _state_of(card),
            "place": self.door.place(request, token),
            "site": self._pages.site(card["site"]),
            "problem": words_for(words, problem),
            "done": None,
            "kept": None,
            **in_words(card, words),
            "asked": [asked(each, words) for each in card.get("questions", ())],
            **_times(card),
            **await self.door.around(request),
            **values,
        }
        return self._pages.page(request, template, words=words, status=status, **filled)

    async def act(
        self, request: Request, token: str, what: str, body: Mapping[str, Any]
    ) -> Response:
        """Answer, then show where things stand; a repeat of the page does not answer again."""
        try:
            await self.door.send(request, token, what, body)
        except PageError as error:
            return await self.show(request, token, error)
        place = self.door.place(request, token)
        return RedirectResponse(f"{place}?done={what}", status_code=303)


def _state_of(card: Mapping[str, Any]) -> str:
    """Return which words say where the offer stands; `open` where it can be answered."""
    if card.get("claim_state") in {"awaiting-consent", "refused"}:
        return str(card["claim_state"])
    return str(card["state"])


def in_words(card: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return what an offer tells of a family, in words: each fits many children."""
    bands = card.get("bands") or {}
    age = str(bands.get("age", "any")).replace("-", "–")  # noqa: RUF001 - a range takes a dash
    return {
        "age": words("card.any-age") if age == "any" else words("card.age", age=age),
        "reads": words.code("language", str(bands.get("language", "other")).lower()),
        "more": _more_bands(bands, words),
        "need": words.code("need", str(card.get("category", "other"))),
    }


def _more_bands(bands: Mapping[str, Any], words: Words) -> list[Any]:
    """Say what else the offer tells: each fits many children."""
    told: list[Any] = []
    if grade := bands.get("grade"):
        told.append(words("card.grade", grade=str(grade).upper().replace("-", "–")))  # noqa: RUF001 - a range takes a dash
    if first := bands.get("zip3"):
        told.append(words("card.zip3", zip3=str(first)))
    if times := bands.get("times"):
        parts = ", ".join(str(words.code("part", str(each))) for each in times)
        told.append(words("card.times", times=parts))
    return told


def asked(question: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """Return an agency's question in words, with what it was told."""
    return {
        "at": datetime.fromisoformat(question["asked_at"]),
        "about": [words.code("topic", str(each)) for each in question["topics"]],
        "words": question.get("words"),
        "told": answer_in_words(question.get("answer") or {}, words),
    }


def answer_in_words(answer: Mapping[str, Any], words: Words) -> list[Any]:
    """Say what a school has answered: bands and codes, each fits many children."""
    told: list[Any] = []
    if age := answer.get("age"):
        told.append(words("card.age", age=str(age).replace("-", "–")))  # noqa: RUF001 - a range takes a dash
    told += _more_bands(answer, words)
    told += [
        words.code(kind, str(answer[name]).lower())
        for name, kind in _ANSWERS.items()
        if answer.get(name)
    ]
    return told


def _times(card: Mapping[str, Any]) -> dict[str, datetime | None]:
    """Return the card's times as times."""
    seats = card.get("seats") or {}
    texts = {
        "appointment": card.get("appointment"),
        "answer_by": card.get("answer_by"),
        "seats_as_of": seats.get("as_of"),
        "said_at": (card.get("by_hand") or {}).get("said_at"),
    }
    return {name: datetime.fromisoformat(text) if text else None for name, text in texts.items()}


def words_for(words: Words, problem: str | None) -> str | None:
    """Return the key of the words for a refusal: those of its slug, or those for any."""
    if problem is None:
        return None
    return problem if words.has(f"error.{problem}.title") else "409"
