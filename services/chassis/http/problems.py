"""Errors as problem+json (RFC 9457), in one place. Bodies never repeat what was sent."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException

from services.chassis.database import is_passing
from services.chassis.errors import EnlaceError, Kind
from services.chassis.http.faults import told

log = structlog.get_logger()

TYPE_BASE = "https://enlace.org/problems/"

STATUS = {
    Kind.RULE: HTTPStatus.CONFLICT,
    Kind.STALE: HTTPStatus.PRECONDITION_FAILED,
    Kind.UNKNOWN: HTTPStatus.NOT_FOUND,
    Kind.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Kind.ANONYMOUS: HTTPStatus.UNAUTHORIZED,
    Kind.MALFORMED: HTTPStatus.UNPROCESSABLE_ENTITY,
    Kind.TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Kind.TOO_MANY: HTTPStatus.TOO_MANY_REQUESTS,
    Kind.UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}


_AWAY_SECONDS = 2
"""After so long it is worth trying again where something did not answer."""

_ADVICE: dict[int, tuple[str, str]] = {
    HTTPStatus.BAD_REQUEST: (
        (
            "The body cannot be read: send JSON in UTF-8, with the header Content-Type: "
            "application/json. Nothing was changed."
        ),
        (
            "No se puede leer el contenido: envíe JSON en UTF-8, con el encabezado Content-Type: "
            "application/json. No se cambió nada."
        ),
    ),
    HTTPStatus.NOT_FOUND: (
        "There is no such address here. /openapi.json lists those there are.",
        "Aquí no existe esa dirección. /openapi.json muestra las que hay.",
    ),
    HTTPStatus.METHOD_NOT_ALLOWED: (
        "This address does not take this method. /openapi.json lists those that it takes.",
        "Esta dirección no admite ese método. /openapi.json muestra los que admite.",
    ),
}
"""What the framework refuses by itself, and what to do next."""


def problem(slug: str, status: int, detail: str, es: str, **more: Any) -> JSONResponse:
    """Return a problem document; `detail` in English, `es` the same in Spanish."""
    return _as_answer(document(slug, status, detail, es, **more))


def document(slug: str, status: int, detail: str, es: str, **more: Any) -> dict[str, Any]:
    """Return the body of a problem document; `detail` in English, `es` the same in Spanish."""
    return {
        "type": TYPE_BASE + slug,
        "title": slug.replace("-", " ").capitalize(),
        "status": int(status),
        "detail": detail,
        "detail_es": es,
        **more,
    }


def headers_of(status: int, retry_after: int | None = None) -> dict[str, str]:
    """Return what a refusal says beside its body: how to sign in, when to try again."""
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        retry_after = retry_after or _AWAY_SECONDS
    return {} if retry_after is None else {"Retry-After": str(retry_after)}


def _as_answer(body: Mapping[str, Any], retry_after: int | None = None) -> JSONResponse:
    status = body["status"]
    return JSONResponse(
        body,
        status_code=status,
        media_type="application/problem+json",
        headers=headers_of(status, retry_after),
    )


def answer_to(error: EnlaceError) -> JSONResponse:
    """Return the answer to whoever is refused."""
    more = {"meanwhile": list(error.meanwhile)} if error.meanwhile else {}
    body = document(error.slug, STATUS[error.kind], error.detail, error.es, **more)
    return _as_answer(body, error.retry_after)


def malformed(faults: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the body of the refusal of a request that has not the form; `faults`: pydantic's."""
    return document(
        "malformed",
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "The request does not have the form that this address takes. Nothing was changed: "
        "mend the fields below and send it again.",
        "La solicitud no tiene la forma que se espera aquí. No se cambió nada: "
        "corrija los campos de abajo y envíela otra vez.",
        fields=told(faults),
    )


def database_away() -> EnlaceError:
    """Return the refusal while the database does not answer."""
    return EnlaceError(
        "unavailable",
        Kind.UNAVAILABLE,
        "The database does not answer just now. If you were changing something, send it again "
        "with the same id: it is done once, however often you send it.",
        es="La base de datos no responde en este momento. Si estaba cambiando algo, envíelo otra "
        "vez con el mismo identificador: se hace una sola vez, aunque lo envíe varias.",
    )


def install(app: FastAPI) -> None:
    """Turn every error of an app into a problem."""

    async def ours(_: Request, error: EnlaceError) -> JSONResponse:
        return answer_to(error)

    async def without_form(_: Request, error: RequestValidationError) -> JSONResponse:
        return _as_answer(malformed(error.errors()))

    async def http(_: Request, error: HTTPException) -> JSONResponse:
        slug = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-").replace("'", "")
        plain = (str(error.detail), "No se pudo hacer. No se cambió nada.")
        detail, es = _ADVICE.get(error.status_code, plain)
        return problem(slug, error.status_code, detail, es)

    async def database(_: Request, error: PyMongoError) -> JSONResponse:
        if not is_passing(error):
            raise error
        log.warning("http.database_away", error=type(error).__name__)
        return answer_to(database_away())

    async def unexpected(_: Request, error: Exception) -> JSONResponse:
        log.error("http.failed", error=type(error).__name__)
        return problem(
            "internal-error",
            HTTPStatus.INTERNAL_SERVER_ERROR,
            "Something went wrong here. Send it again; if it happens twice, tell the operator the "
            "time.",
            "Algo falló aquí. Envíelo otra vez; si vuelve a ocurrir, diga la hora a quien opera el "
            "sistema.",
        )

    app.add_exception_handler(EnlaceError, ours)  # type: ignore[arg-type] # Starlette types the
    app.add_exception_handler(RequestValidationError, without_form)  # type: ignore[arg-type] # error
    app.add_exception_handler(HTTPException, http)  # type: ignore[arg-type] # as Exception, and
    app.add_exception_handler(PyMongoError, database)  # type: ignore[arg-type] # calls by class
    app.add_exception_handler(Exception, unexpected)
