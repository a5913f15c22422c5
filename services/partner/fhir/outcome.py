"""Errors as FHIR says them: an OperationOutcome, for every address under the FHIR base."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from services.chassis.errors import EnlaceError, Kind
from services.chassis.http.faults import told
from services.chassis.http.problems import STATUS, headers_of
from services.partner.fhir.codes import ENLACE, Json

MEDIA_TYPE = "application/fhir+json"
_PROBLEM = f"{ENLACE}/CodeSystem/problem"
_TRANSLATION = "http://hl7.org/fhir/StructureDefinition/translation"

_ISSUES = {
    Kind.RULE: "business-rule",
    Kind.STALE: "conflict",
    Kind.UNKNOWN: "not-found",
    Kind.FORBIDDEN: "forbidden",
    Kind.ANONYMOUS: "login",
    Kind.MALFORMED: "invalid",
    Kind.TOO_LARGE: "too-long",
    Kind.TOO_MANY: "throttled",
    Kind.UNAVAILABLE: "transient",
}
"""The code of an issue, by what kind of refusal it is."""


class FhirResponse(JSONResponse):
    """JSON in FHIR's own media type."""

    media_type = MEDIA_TYPE


class FhirRoute(APIRoute):
    """A route whose refusals are OperationOutcomes."""

    REFUSAL: ClassVar[Json] = {
        MEDIA_TYPE: {
            "schema": {
                "title": "OperationOutcome",
                "type": "object",
                "required": ["resourceType", "issue"],
            }
        }
    }
    """As the API's document tells it."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, with what it refuses said as FHIR says it."""
        handle = super().get_route_handler()

        async def said(request: Request) -> Response:
            try:
                return await handle(request)
            except EnlaceError as error:
                return _refused(error)
            except RequestValidationError as error:
                return _malformed(error)
            except HTTPException as error:  # FastAPI's own, of a body that is no text
                return _unreadable(error.status_code)

        return said


def _refused(error: EnlaceError) -> Response:
    status = STATUS[error.kind]
    headers = headers_of(status, error.retry_after)
    outcome = operation_outcome([issue(_ISSUES[error.kind], error.slug, error.detail, error.es)])
    return FhirResponse(outcome, status_code=status, headers=headers)


def _malformed(error: RequestValidationError) -> Response:
    issues = [
        {
            **issue("invalid", "malformed", each["what"], each["what_es"]),
            "expression": [_path(each["field"])],
        }
        for each in told(error.errors())
    ]
    return FhirResponse(operation_outcome(issues), status_code=HTTPStatus.UNPROCESSABLE_ENTITY)


def _unreadable(status: int) -> Response:
    english = "The body cannot be read: send one resource as JSON in UTF-8. Nothing was changed."
    spanish = (
        "No se puede leer el contenido: envíe un recurso en JSON, en UTF-8. No se cambió nada."
    )
    outcome = operation_outcome([issue("structure", "bad-request", english, spanish)])
    return FhirResponse(outcome, status_code=status)


def _path(field: str) -> str:
    """Return a place as FHIRPath writes it: `Task.output[0].type` for `body.output.0.type`."""
    place = ""
    for part in field.split("."):
        place += f"[{part}]" if part.isdigit() else f".{part}"
    return place.lstrip(".").replace("body", "Task", 1)


def issue(code: str, slug: str, english: str, spanish: str) -> Json:
    """Return one issue: in English, with its translation, and Enlace's own code for programs."""
    translation = {
        "url": _TRANSLATION,
        "extension": [
            {"url": "lang", "valueCode": "es"},
            {"url": "content", "valueString": spanish},
        ],
    }
    return {
        "severity": "error",
        "code": code,
        "details": {
            "coding": [{"system": _PROBLEM, "code": slug}],
            "text": english,
            "_text": {"extension": [translation]},
        },
    }


def operation_outcome(issues: list[Json]) -> Json:
    """Return an OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": issues}
