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
    """Partner's `POST /v1/offer-checks` and `/v1/agency-checks`, asked as a service.

    Args:
        url: of partner.
    """

    def __init__(self, url: str, identity: ServiceIdentity, http: httpx2.AsyncClient) -> None:
        self._url = f"{url.rstrip('/')}/v1"
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
            "candidates": [
                {"service": x.service, "agency": x.agency, "by_phone": x.by_phone}
                for x in candidates
            ],
        }
        wanted = {each.service for each in candidates if each.agency in named}
        try:
            found = await self._asked("offer-checks", body)
            if found is None:
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

    async def need_known(self, agencies: Sequence[str]) -> None:
        """Refuse a consent that names an agency which the directory does not have.

        Nobody could ever be told under it, and the family believes that somebody is. Where partner
        does not answer, the consent is entered: what a family signs does not wait for a machine.

        Raises:
            EnlaceError: one of them is not there; the words say what to do.
        """
        if not agencies:
            return
        try:
            missing = await self._asked("agency-checks", {"agencies": list(agencies)})
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("offer_checks.unreachable", error=type(error).__name__)
            return
        if not missing:
            return
        raise rule(
            "agency-not-there",
            f"{len(missing)} of the agencies that the consent names is not in the directory. "
            "Nothing was entered: take each from the list of agencies; or have it entered in the "
            "directory first; or name none, so that it is for every agency that meets the need.",
            es=f"{len(missing)} de las agencias que nombra el consentimiento no está en el "
            "directorio. No se guardó nada: tome cada una de la lista de agencias; o pida que la "
            "agreguen antes al directorio; o no nombre ninguna, y valdrá para toda agencia que "
            "atienda esa necesidad.",
        )

    async def _asked(self, what: str, body: dict[str, Any]) -> Any:
        """Return partner's answer; None where it refuses to give one."""
        token = self._identity.token("partner")
        answer = await self._http.post(
            f"{self._url}/{what}", json=body, headers={"Authorization": f"Bearer {token}"}
        )
        if answer.is_success:
            return answer.json()
        log.warning("offer_checks.refused", asked=what, status=answer.status_code)
        return None
