"""Asks the other services: notify what it holds on people, partner whom an offer can go to."""

from collections.abc import Collection, Sequence
from typing import Any

import httpx2
import structlog

from contracts.categories import Category
from contracts.referrals import Candidate
from services.chassis.auth import ServiceIdentity
from services.chassis.errors import EnlaceError, Kind, rule

_OTHER_NEED = "other-need"
_BY_NAME = (
    " Where the family wants an agency that does not offer this kind of help, enter its consent "
    "with that agency named first."
)
_BY_NAME_ES = (
    " Si la familia quiere una agencia que no ofrece este tipo de ayuda, registre antes su "
    "consentimiento con el nombre de esa agencia."
)

log = structlog.get_logger()


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


class OfferChecks:
    """Partner's `POST /v1/offer-checks`, asked as a service.

    Args:
        url: of partner.
    """

    def __init__(self, url: str, identity: ServiceIdentity, http: httpx2.AsyncClient) -> None:
        self._url = f"{url.rstrip('/')}/v1/offer-checks"
        self._identity = identity
        self._http = http

    async def need_askable(
        self,
        site: str,
        candidates: Sequence[Candidate],
        category: Category,
        named: Collection[str],
    ) -> tuple[Candidate, ...]:
        """Refuse an offer to a service that cannot be asked: whoever sends it can choose another.

        Nor is one asked that does not meet the need, unless the family has consented to its agency
        by name; such a one is returned marked so.

        Where partner does not answer the offer goes its way: partner declines for a service that
        cannot be asked, and vouches at the reading for what the service does.

        Args:
            site: the child's school.
            candidates: who would be asked.
            category: the need.
            named: agencies that a consent which holds names for it.

        Raises:
            EnlaceError: one of them cannot be asked; the words say why, and what to do.
        """
        body = {
            "site": site,
            "category": category.value,
            "candidates": [{"service": x.service, "agency": x.agency} for x in candidates],
        }
        wanted = {each.service for each in candidates if each.agency in named}
        token = self._identity.token("partner")
        try:
            answer = await self._http.post(
                self._url, json=body, headers={"Authorization": f"Bearer {token}"}
            )
            found = answer.json() if answer.is_success else None
            if found is None:
                log.warning("offer_checks.refused", status=answer.status_code)
                return tuple(candidates)
            obstacles = [
                (each["service_name"], each["reason"]["en"], each["reason"]["es"])
                for each in found
                if each["reason"]["code"] != _OTHER_NEED or each["service"] not in wanted
            ]
            others = {x["service"] for x in found if x["reason"]["code"] == _OTHER_NEED}
        except (httpx2.HTTPError, ValueError, KeyError, TypeError) as error:
            log.warning("offer_checks.unreachable", error=type(error).__name__)
            return tuple(candidates)
        if not obstacles:
            return tuple(
                each.model_copy(update={"other_need": each.service in others})
                for each in candidates
            )
        by_name, by_name_es = (_BY_NAME, _BY_NAME_ES) if others else ("", "")
        named_en = "; ".join(f"{name or 'a service'}: {en}" for name, en, _ in obstacles)
        named_es = "; ".join(f"{name or 'un servicio'}: {es}" for name, _, es in obstacles)
        raise rule(
            "cannot-be-asked",
            f"No offer can go to {len(obstacles)} of those chosen ({named_en}). Nothing was sent: "
            f"choose others, or settle it with the agency and send it then.{by_name}",
            es=f"No se puede preguntar a {len(obstacles)} de los elegidos ({named_es}). No se "
            f"envió nada: elija otros, o arréglelo con la agencia y envíe después.{by_name_es}",
        )
