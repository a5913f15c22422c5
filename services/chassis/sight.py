"""Who may see a referral's part in another service, where the need is restricted.

Which roles see a restricted need is referral's to say, and so is a glass that was broken: the
others ask it with the caller's own token. Of what is not restricted they know enough themselves,
and go on working while referral is away.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import httpx2
from fastapi import Header

from contracts.categories import WITHHELD, Category
from services.chassis.errors import EnlaceError, Kind, unknown

Bearer = Annotated[str, Header(alias="Authorization", max_length=16_384, include_in_schema=False)]
"""The caller's own token, as it came."""

_UNSEEN = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}


class ReferralSight:
    """Referral's word on who may see one.

    Args:
        url: of referral.
    """

    def __init__(self, url: str, http: httpx2.AsyncClient) -> None:
        self._url = f"{url.rstrip('/')}/v1/referrals"
        self._http = http

    async def need(self, referral: str, category: Category, bearer: str, *, what: str) -> None:
        """Pass who may know of a restricted need; everybody of any other.

        Args:
            referral: id, checked.
            category: as topics carry it.
            bearer: the caller's `Authorization`.
            what: would be unknown to who may not.

        Raises:
            EnlaceError: they may not know of it, or referral does not answer.
        """
        if category == WITHHELD:
            await self.see(referral, bearer, what=what)

    async def see(self, referral: str, bearer: str, *, what: str) -> Mapping[str, Any]:
        """Return a referral as its caller sees it.

        Args:
            referral: id, checked.
            bearer: the caller's `Authorization`.
            what: would be unknown to who may not see it.

        Raises:
            EnlaceError: they may not see it, or referral does not answer.
        """
        try:
            answer = await self._http.get(
                f"{self._url}/{referral}", headers={"Authorization": bearer}
            )
        except httpx2.HTTPError:
            raise _away() from None
        if answer.status_code in _UNSEEN:
            raise unknown(what)
        if not answer.is_success:
            raise _away()
        found: Mapping[str, Any] = answer.json()
        return found


def _away() -> EnlaceError:
    return EnlaceError(
        "referrals-away",
        Kind.UNAVAILABLE,
        "Who may see this cannot be looked up just now, so it is not shown. Try again in a few "
        "minutes.",
        es="Ahora no se puede saber quién puede ver esto, así que no se muestra. Intente de nuevo "
        "en unos minutos.",
    )
