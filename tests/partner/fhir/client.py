"""An agency's FHIR client: it knows the standard, and nothing of Enlace's own API.

Everything it is sent is read by `fhir.resources` first, so that an answer that is no FHIR R4 fails
the test that asked for it. That package has R4B, which differs from R4 in none of these resources.
"""

from typing import Any

import httpx2
from fhir.resources.R4B import get_fhir_model_class

from services.partner.fhir.api import BASE
from tests.partner.district import Provider
from tests.partner.subscriptions.subscribed import Subscribed

Json = dict[str, Any]


class FhirClient:
    """What an agency's system does."""

    def __init__(self, http: httpx2.AsyncClient, headers: dict[str, str], before: str = "") -> None:
        self._http = http
        self._headers = headers
        self._base = f"{before}{BASE}"

    @classmethod
    async def of(cls, district: Subscribed, provider: Provider) -> "FhirClient":
        """Return the client of an agency that has a key."""
        return cls(district.http, await district.key(provider, "fhir"))

    async def get(self, path: str) -> httpx2.Response:
        """Read an address below the base; what comes is valid FHIR."""
        return checked(await self._http.get(f"{self._base}/{path}", headers=self._headers))

    async def read(self, path: str) -> Json:
        """Read a resource that is there."""
        answer = await self.get(path)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def tasks(self, query: str = "") -> list[Json]:
        """Search Tasks; one page."""
        bundle = await self.read(f"Task{query}")
        return [each["resource"] for each in bundle["entry"] if each["search"]["mode"] == "match"]

    async def put(self, task: Json, if_match: str | None = None, **changes: Any) -> httpx2.Response:
        """Put a Task back with some elements changed, as the standard's media type says it."""
        headers = {**self._headers, "Content-Type": "application/fhir+json"}
        if if_match is not None:
            headers["If-Match"] = if_match
        return checked(
            await self._http.put(
                f"{self._base}/Task/{task['id']}", json={**task, **changes}, headers=headers
            )
        )

    async def answer(self, task: Json, **changes: Any) -> Json:
        """Put a Task back, and return it as it stands then."""
        told = await self.put(task, **changes)
        assert told.status_code == 200, told.text
        found: Json = told.json()
        return found


def checked(answer: httpx2.Response) -> httpx2.Response:
    """Pass an answer that is FHIR, whatever its status."""
    assert answer.headers["content-type"] == "application/fhir+json", answer.text
    body = answer.json()
    get_fhir_model_class(body["resourceType"]).model_validate(body)
    return answer


def issue(answer: httpx2.Response) -> tuple[int, str]:
    """Return the status and Enlace's code of a refusal; it is told in both languages."""
    (first, *_) = answer.json()["issue"]
    translation = first["details"]["_text"]["extension"][0]["extension"]
    assert translation[0]["valueCode"] == "es"
    assert translation[1]["valueString"]
    return answer.status_code, str(first["details"]["coding"][0]["code"])
