"""What an API's OpenAPI document says besides what FastAPI reads off the code.

Every address tells who may call it, and every refusal: a program that was written from the document
alone meets nothing it was not told of.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, iter_route_contexts

from services.chassis.auth import Allow, Role
from services.chassis.http.refusals import shown

Document = dict[str, Any]

PROBLEM: Document = {
    "title": "Problem",
    "description": "Why something was refused, and what to do next (RFC 9457).",
    "type": "object",
    "required": ["type", "title", "status", "detail", "detail_es"],
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Stable: programs go by it."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened and what to do next."},
        "detail_es": {"type": "string", "description": "The same in Spanish."},
        "meanwhile": {
            "type": "array",
            "description": "What others did last to what this is about, newest first.",
            "items": {
                "type": "object",
                "properties": {
                    "what": {"type": "string"},
                    "at": {"type": "string", "format": "date-time"},
                    "by": {"type": ["string", "null"], "description": "Account, agency or person."},
                    "name": {"type": ["string", "null"], "description": "Of a member of staff."},
                },
            },
        },
        "fields": {
            "type": "array",
            "description": "What is wrong where, for a malformed request.",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "what": {"type": "string", "description": "What to do, in English."},
                    "what_es": {"type": "string", "description": "The same in Spanish."},
                },
            },
        },
    },
}

_PROBLEM = "application/problem+json"
_REF = {"$ref": "#/components/schemas/Problem"}
_BEARER = "bearer"
_WRITES = ("post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Examples:
    """What addresses take and answer, by method and path, as `PUT /v1/referrals/{id}`.

    Attributes:
        views: what is answered where an address has no example of its own, by the name of what it
            answers; a list of it is a page with this one.
        refusals: the rule that is met most, where it is another than that an id was used before.
    """

    requests: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[str, Any] = field(default_factory=dict)
    views: Mapping[str, Any] = field(default_factory=dict)
    refusals: Mapping[str, Any] = field(default_factory=dict)


def describe(app: FastAPI, examples: Examples | None = None) -> None:
    """Let an app's document tell who may call each address, how each refuses, and show examples.

    Raises:
        LookupError: once the document is asked for, where an example is of no address.
    """
    made: Callable[[], Document] = app.openapi

    def openapi() -> Document:
        if app.openapi_schema is None:
            document = made()
            _add_to(document, app)
            _show(document, examples or Examples())
            app.openapi_schema = document
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign] # FastAPI's own way to change it


def _add_to(document: Document, app: FastAPI) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for theirs in ("HTTPValidationError", "ValidationError"):
        schemas.pop(theirs, None)
    components["securitySchemes"] = {
        _BEARER: {
            "type": "http",
            "scheme": "bearer",
            "description": "An access token of the district's OpenID provider.",
        }
    }
    for context in iter_route_contexts(app.routes):
        route = context.route
        if not isinstance(route, APIRoute) or not route.include_in_schema:
            continue
        rules = list(allowed(context.dependant))
        roles = frozenset(role for each in rules for role in each.roles)
        scope = next((each.scope for each in rules if each.scope is not None), None)
        for method in route.methods or ():
            operation = document["paths"][context.path][method.lower()]
            _tell_who(operation, roles, scope)
            _tell_refusals(operation, method.lower(), context.path or "", signed_in=bool(roles))
            if scope is not None:
                often = "This key calls more often than it may. Nothing was changed."
                operation["responses"]["429"] = _refusal(often, HTTPStatus.TOO_MANY_REQUESTS)
            if form := getattr(route, "REFUSAL", None):
                _refuse_in(operation, form)
            required = _required(document, operation)
            for status, answer in operation["responses"].items():
                example = shown(status, method.lower(), context.path or "", required)
                if example is not None and _PROBLEM in answer.get("content", {}):
                    answer["content"][_PROBLEM]["example"] = example


def _show(document: Document, examples: Examples) -> None:
    for what, example in examples.requests.items():
        body = _operation(document, what)["requestBody"]
        body["content"]["application/json"]["example"] = example
    for what, refusal in examples.refusals.items():
        _operation(document, what)["responses"]["409"]["content"][_PROBLEM]["example"] = refusal
    for what in examples.answers:
        _operation(document, what)
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            own = examples.answers.get(f"{method.upper()} {path}")
            for answer in _successes(operation):
                example = own if own is not None else _viewed(answer["schema"], examples.views)
                if example is not None:
                    answer["example"] = example


def _successes(operation: Document) -> Iterator[Document]:
    """Yield what an operation answers where it is done, as JSON."""
    for status, response in operation["responses"].items():
        if status.startswith("2") and "application/json" in response.get("content", {}):
            yield response["content"]["application/json"]


def _viewed(schema: Document, views: Mapping[str, Any]) -> Any:
    """Return the example of what a schema stands for; None where there is none."""
    name = schema.get("$ref", "").rpartition("/")[2]
    if name in views:
        return views[name]
    if schema.get("type") == "array" and (each := _viewed(schema["items"], views)) is not None:
        return [each]
    of = name.removeprefix("Page_").removesuffix("_")
    return (
        {"items": [views[of]], "next": None} if name.startswith("Page_") and of in views else None
    )


def _operation(document: Document, what: str) -> Document:
    method, _, path = what.partition(" ")
    found: Document = document["paths"][path][method.lower()]
    return found


def allowed(dependant: Dependant) -> Iterator[Allow]:
    """Yield the rules of who may call an endpoint."""
    if isinstance(dependant.call, Allow):
        yield dependant.call
    for each in dependant.dependencies:
        yield from allowed(each)


def _required(document: Document, operation: Document) -> str | None:
    """Return a field that an operation's JSON body must have, where there is one."""
    content = operation.get("requestBody", {}).get("content", {})
    name = content.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
    required: list[str] = document["components"]["schemas"].get(name, {}).get("required", [])
    return required[0] if required else None


def _tell_who(operation: Document, roles: frozenset[Role], scope: str | None) -> None:
    if roles:
        names = sorted(role.value for role in roles)
        by_key = "" if scope is None else f"; an agency's key with the scope `{scope}`"
        who = f"Who may call it: {', '.join(names)}{by_key}."
        operation["security"] = [{_BEARER: []}]
        operation["x-enlace-roles"] = names
    else:
        who = "Who may call it: whoever holds a link or a signature that opens it."
    operation["description"] = "\n\n".join(filter(None, [operation.get("description"), who]))


def _tell_refusals(operation: Document, method: str, path: str, *, signed_in: bool) -> None:
    responses: Document = operation["responses"]
    responses["422"] = _refusal("The request has not the form that this address takes.")
    if signed_in:
        responses["401"] = _refusal("Nobody is signed in, or the sign-in has run out.")
        responses["403"] = _refusal("The caller's role does not allow it.")
    if "{" in path or not signed_in:
        responses["404"] = _refusal("There is no such thing, as far as this caller may know.")
    if method in _WRITES:
        responses["409"] = _refusal("A rule does not allow it now; the detail says which.")
        responses["412"] = _refusal("It has changed since the version in `If-Match`.")
        responses["413"] = _refusal("The body is larger than this address takes.")
    responses["503"] = _refusal(
        "Something that is needed is away. Send it again: it is done once.", HTTPStatus(503)
    )
    responses["default"] = _refusal("Any other refusal.")


def _refuse_in(operation: Document, form: Mapping[str, Document]) -> None:
    """Let an address refuse in a form of its own, by media type: a standard asks for it."""
    for answer in operation["responses"].values():
        if _PROBLEM in answer.get("content", {}):
            answer["content"] = dict(form)


def _refusal(what: str, status: HTTPStatus | None = None) -> Document:
    answer: Document = {
        "description": what,
        "content": {_PROBLEM: {"schema": _REF}},
    }
    if status in {HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS}:
        answer["headers"] = {
            "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}
        }
    return answer
