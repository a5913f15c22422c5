"""Asks notify what it holds on a family's people, for a copy of the family's record."""

from collections.abc import Sequence
from typing import Any

import httpx2

from services.chassis.auth import ServiceIdentity
from services.chassis.errors import EnlaceError, Kind


class Conversations:
    """Notify's `POST /v1/person-records`, asked as a service.

    Args:
        url: of notify.
    """

    def __init__(self, url: str, identity: ServiceIdentity, http: httpx2.AsyncClient) -> None:
        self._url = f"{url.rstrip('/')}/v1/person-records"
        self._identity = identity
        self._http = http

    async def of(self, person: str, referrals: Sequence[str]) -> list[dict[str, Any]]:
        """Return what was written to somebody and by them, oldest first.

        Raises:
            EnlaceError: notify does not answer: a copy without it would pass for a whole one.
        """
        body = {"persons": [person], "referrals": list(referrals)}
        token = self._identity.token("notify")
        try:
            answer = await self._http.post(
                self._url, json=body, headers={"Authorization": f"Bearer {token}"}
            )
            if answer.is_success:
                return list(answer.json())
        except (httpx2.HTTPError, ValueError, TypeError):
            pass
        raise EnlaceError(
            "messages-away",
            Kind.UNAVAILABLE,
            "The family's messages cannot be read just now, so no copy was made: it would not be "
            "whole. Try again in a few minutes.",
            es="No se pueden leer ahora los mensajes de la familia, así que no se hizo la "
            "copia: no estaría completa. Intente de nuevo en unos minutos.",
        )
