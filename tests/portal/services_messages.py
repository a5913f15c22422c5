"""Stand-ins for the words of messages, shown by notify's own view, and for what texts cost."""

from typing import Any

from fastapi import FastAPI
from fastapi.responses import JSONResponse, Response

from services.notify.api.wordings import _view
from services.notify.wording.source import shipped

COSTS: dict[str, Any] = {
    "month": "2026-11",
    "schools": [
        {
            "site": "site-01",
            "name": "Lincoln Elementary",
            "texts": 412,
            "parts": 655,
            "budget": 800,
            "state": "warning",
            "lines": [
                {"language": "es", "template": "family-asked", "texts": 243, "parts": 486},
                {"language": "en", "template": "agency-offer", "texts": 169, "parts": 169},
            ],
        },
        {
            "site": "site-02",
            "name": "Manzanita Elementary",
            "texts": 1,
            "parts": 1,
            "budget": 1,
            "state": "stopped",
            "lines": [{"language": "en", "template": "family-asked", "texts": 1, "parts": 1}],
        },
        {
            "site": "site-03",
            "name": "Cedar Hollow Elementary",
            "texts": 0,
            "parts": 0,
            "budget": None,
            "state": "within",
            "lines": [],
        },
    ],
}


def add_messages(app: FastAPI) -> None:
    """Answer as notify does."""

    @app.get("/v1/message-templates")
    async def templates() -> list[dict[str, Any]]:
        return [
            {
                "name": name,
                "purpose": source.header.purpose,
                "audience": source.header.audience.value,
                "own": name == "family-asked",
            }
            for name, source in shipped().items()
        ]

    @app.get("/v1/message-templates/{name}")
    async def template(name: str) -> Response:
        if name not in shipped():
            return JSONResponse({"type": "unknown", "status": 404}, status_code=404)
        view = _view(shipped()[name], own=name == "family-asked")
        return JSONResponse(view.model_dump(mode="json"))

    @app.get("/v1/text-costs")
    async def costs() -> dict[str, Any]:
        return COSTS
