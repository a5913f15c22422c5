"""Names of those who work at a school, where a page speaks of one by account."""

from collections.abc import Mapping

from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.sessions import Session
from services.portal.words import Words


async def names_at(pages: Pages, session: Session, site: str) -> Mapping[str, str]:
    """Return the names of a school's staff by account; none where they cannot be had now."""
    try:
        found = await pages.upstream.every(
            "referral", "/v1/colleagues", token=session.token, params={"site": site}
        )
    except PageError:
        return {}
    return {each["subject"]: each["name"] for each in found if each["name"]}


def named(account: str | None, names: Mapping[str, str], words: Words) -> str:
    """Return a colleague's name, or that it is one whose name is not known."""
    return names.get(account or "") or str(words("staff.colleague"))
