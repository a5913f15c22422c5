"""The routes under /sim: what a test or the local system sets, asks and does."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from deploy.local.carrier.errors import Problem
from deploy.local.carrier.jobs import Job, State
from deploy.local.carrier.model import Message
from deploy.local.carrier.numbers import is_sender
from deploy.local.carrier.parts import Here, Number, Parts, same_origin
from deploy.local.carrier.rules import Rule
from deploy.local.carrier.settings import Settings
from deploy.local.carrier.store import Change

routes = APIRouter(prefix="/sim", dependencies=[Depends(same_origin)], tags=["Simulator"])

Limit = Annotated[int, Query(ge=1, le=10_000)]


class Written(BaseModel):
    """A text that the family writes; `to` is the product's number."""

    model_config = ConfigDict(extra="forbid")

    body: Annotated[str, StringConstraints(min_length=1, max_length=1600, pattern=r"\S")]
    to: str | None = None


def answer_line(here: Parts, phone: str, wanted: str | None) -> str:
    """The product's number that a family's text goes to.

    Raises:
        Problem: The wanted one is not a number.
    """
    if wanted is None:
        return here.exchange.store.last_line(phone) or here.options.pool[0]
    if not is_sender(wanted) or wanted == phone:
        raise Problem(
            400,
            "not-a-number",
            "That is not a number to text to",
            f"Put one of the product's numbers into `to`, for example {here.options.pool[0]}, or "
            "leave it out to answer the number that texted last.",
        )
    return wanted


@routes.get("/phones")
async def list_phones(here: Here) -> dict[str, Any]:
    """Every number with a text, the one with the newest first."""
    return {
        "phones": [
            {
                "number": phone.number,
                "received": phone.received,
                "written": phone.written,
                "last_at": _time(phone.last_at),
                "opted_out_of": here.exchange.opted_out_lines(phone.number),
            }
            for phone in here.exchange.store.phones()
        ]
    }


@routes.get("/phones/{number}/messages")
async def list_messages(number: Number, here: Here, limit: Limit = 1000) -> dict[str, Any]:
    """The newest texts of one phone, oldest first, with how each got there."""
    messages = here.exchange.store.conversation(number, limit)
    return {
        "number": number,
        "opted_out_of": here.exchange.opted_out_lines(number),
        "messages": _described(here, messages),
    }


@routes.post("/phones/{number}/messages", status_code=201)
async def write_message(number: Number, written: Written, here: Here) -> dict[str, Any]:
    """The family texts the product."""
    line = answer_line(here, number, written.to)
    message = here.exchange.receive(number, line, written.body)
    return _described(here, [message])[0]


@routes.get("/ledger")
async def read_ledger(here: Here) -> dict[str, Any]:
    """Every text that the API accepted, in that order, and every request that it refused."""
    accepted = here.exchange.store.accepted()
    refusals = here.exchange.store.refusals()
    return {
        "messages": [_plain(message) for message in accepted],
        "refusals": [
            {"at": _time(one.at), "to": one.to, "from": one.from_, "code": one.code}
            for one in refusals
        ],
    }


@routes.delete("/messages", status_code=204)
async def clear_messages(here: Here) -> Response:
    """Forget texts, refusals and waiting deliveries; opt-outs, rules and settings stay."""
    here.exchange.clear()
    return Response(status_code=204)


@routes.get("/opt-outs")
async def list_opt_outs(here: Here) -> dict[str, Any]:
    """Who wants no texts of which number."""
    phones = dict.fromkeys(phone for phone, _, _ in here.exchange.store.opt_outs())
    return {
        "opt_outs": [
            {"phone": phone, "lines": here.exchange.opted_out_lines(phone)} for phone in phones
        ]
    }


@routes.delete("/opt-outs", status_code=204)
async def clear_opt_outs(here: Here) -> Response:
    """Forget every opt-out."""
    here.exchange.store.clear_opt_outs()
    here.feed.publish()
    return Response(status_code=204)


@routes.get("/rules")
async def list_rules(here: Here) -> dict[str, Any]:
    """The rules with how often each still applies; null is for ever."""
    return {
        "rules": [
            rule.model_dump(mode="json") | {"remaining": remaining}
            for rule, remaining in here.exchange.rulebook.listed()
        ]
    }


@routes.put("/rules")
async def replace_rules(
    rules: Annotated[list[Rule], Body(max_length=1000)], here: Here
) -> dict[str, Any]:
    """Take these rules instead of all others; an empty list is good weather."""
    here.exchange.rulebook.replace(rules)
    return await list_rules(here)


@routes.get("/settings")
async def read_settings(here: Here) -> Settings:
    """The settings in force."""
    return here.settings.current


@routes.put("/settings")
async def change_settings(fields: dict[str, Any], here: Here) -> Settings:
    """Replace the given settings and keep the others."""
    try:
        return here.settings.change(fields)
    except ValidationError as error:
        reasons = [
            {"at": ".".join(str(part) for part in reason["loc"]), "why": reason["msg"]}
            for reason in error.errors()
        ]
        raise Problem(
            422,
            "malformed",
            "A setting is not allowed",
            "Correct the settings listed under `errors` and send them again; none was changed.",
            {"errors": reasons},
        ) from None


@routes.get("/deliveries")
async def list_deliveries(
    here: Here, state: State | None = None, limit: Limit = 200
) -> dict[str, Any]:
    """Webhooks, the newest first, and how many there are in each state."""
    queue = here.exchange.queue
    return {
        "counts": queue.counts(),
        "deliveries": [_delivery(job) | {"sid": job.sid} for job in queue.listed(state, limit)],
    }


@routes.post("/deliveries/retry")
async def retry_deliveries(here: Here) -> dict[str, int]:
    """Give the failed webhooks all their attempts again, from now on."""
    return {"retried": here.exchange.retry_failed()}


def _described(here: Parts, messages: list[Message]) -> list[dict[str, Any]]:
    sids = [message.sid for message in messages]
    history = here.exchange.store.history(sids)
    webhooks = here.exchange.queue.webhooks(sids)
    return [
        _plain(message)
        | {
            "history": [_change(change) for change in history[message.sid]],
            "deliveries": [_delivery(job) for job in webhooks[message.sid]],
        }
        for message in messages
    ]


def _plain(message: Message) -> dict[str, Any]:
    return {
        "sid": message.sid,
        "direction": message.direction,
        "to": message.to,
        "from": message.from_,
        "messaging_service_sid": message.service_sid,
        "body": message.body,
        "num_segments": message.segments,
        "status": message.status,
        "error_code": message.error_code,
        "status_callback": message.callback_url,
        "created_at": _time(message.created_at),
        "sent_at": None if message.sent_at is None else _time(message.sent_at),
    }


def _change(change: Change) -> dict[str, Any]:
    return {"status": change.status, "error_code": change.error_code, "at": _time(change.at)}


def _delivery(job: Job) -> dict[str, Any]:
    return {
        "kind": job.kind,
        "status": job.status,
        "state": job.state,
        "attempts": job.attempts,
        "last_error": job.last_error,
    }


def _time(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat()
