"""Going on once words are written down, having said what in them should never be kept."""

from typing import Any

from fastapi import Request
from fastapi.responses import RedirectResponse, Response

from services.portal.pages.context import Pages
from services.portal.sessions import Session
from services.portal.words import Words

KEPT = "warned.kept"
"""What is said of words that nobody can change any more."""


def warnings_in(answer: Any, words: Words) -> list[str]:
    """Return what a service's answer warns of, in the reader's language."""
    found = answer.get("warnings") if isinstance(answer, dict) else None
    return [str(each[words.language]) for each in found or ()]


def go_on(
    pages: Pages,
    request: Request,
    session: Session,
    answer: Any,
    to: str,
    *,
    says: str = KEPT,
    onward: str = "warned.back",
    mend: str | None = None,
) -> Response:
    """Go to the next page; where the words that were kept are warned of, show that before.

    Args:
        pages: what every page needs.
        request: of the form.
        session: whose it is.
        answer: the service's.
        to: the next page.
        says: the words' key for what can still be done about them.
        onward: the words' key on the button that leads to the next page.
        mend: the page on which they can be put right, where there is one.
    """
    words = pages.words(request)
    warned = warnings_in(answer, words)
    if not warned:
        return RedirectResponse(to, status_code=303)
    return pages.page(
        request,
        "warned.html",
        words=words,
        session=session,
        warned=warned,
        says=says,
        to=to,
        onward=onward,
        mend=mend,
    )
