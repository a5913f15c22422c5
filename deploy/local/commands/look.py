"""Commands that show: what runs, who can sign in, what passes through Kafka."""

import asyncio
import json
from collections.abc import Iterable
from typing import Annotated

import httpx2
import typer
from aiokafka.errors import KafkaError

from deploy.local import stream
from deploy.local.commands.common import (
    DEFAULT,
    NOT_RUNNING,
    CommandError,
    HomeOption,
    JsonOption,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.personas import PERSONAS, persona
from deploy.local.servers.oidc import access_token
from deploy.local.system import clock
from deploy.local.system.places import CELL, SERVICES, Home
from deploy.local.system.state import State


def status(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Show what runs and where; fails when a part does not."""
    system = running(home)
    ready = _readiness(system)
    rows = [
        {
            "part": name,
            "state": ready.get(name, "runs") if part.alive else "ended",
            "address": system.url(name) if name not in ("kafka", "mongod") else f"port {part.port}",
            "pid": part.pid,
            "log": str(part.log),
        }
        for name, part in system.parts.items()
    ]
    local = clock.now(Home(home))
    if as_json:
        content = {
            "phase": system.phase,
            "version": system.version,
            "clock": local.isoformat(),
            "parts": rows,
        }
        print_json(content)
    else:
        out.print(f"{system.phase}, version {system.version}, local time {local:%a %Y-%m-%d %H:%M}")
        heads = ("part", "state", "address", "pid", "log")
        print_table(heads, [[row[head] for head in heads] for row in rows])
    if any(row["state"] not in ("runs", "ready") for row in rows):
        raise typer.Exit(1)


def _readiness(system: State) -> dict[str, str]:
    """Ask each service whether it can do its work."""
    found = {}
    with httpx2.Client(timeout=5, trust_env=False) as client:
        for name in system.parts.keys() & set(SERVICES):
            try:
                good = client.get(system.url(name) + "/ready").is_success
                found[name] = "ready" if good else "not ready"
            except httpx2.HTTPError:
                found[name] = "does not answer"
    return found


def personas(*, as_json: JsonOption = False) -> None:
    """List the invented people who can sign in."""
    if as_json:
        print_json([{**each.claims(), "key": each.key} for each in PERSONAS])
        return
    rows = [(each.key, each.name, " ".join(each.roles)) for each in PERSONAS]
    print_table(("persona", "name", "roles"), rows)


def token(
    *,
    who: Annotated[str, typer.Option("--persona", help="Key or name, see enlace personas.")],
    home: HomeOption = DEFAULT,
) -> None:
    """Print a persona's access token for the local system, for curl and the API pages."""
    chosen = persona(who)
    out.print(access_token(running(home).url("oidc"), chosen), markup=False)


def events(
    *,
    referral: Annotated[str | None, typer.Option(help="Only this referral's.")] = None,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for more.")] = False,
    home: HomeOption = DEFAULT,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object a line, for programs.")
    ] = False,
) -> None:
    """Print the events in Kafka: envelopes with ids and codes, never what they hold."""
    system = running(home)
    wanted = referral.lower() if referral else None
    try:
        asyncio.run(_print_events(system, wanted, follow=follow, as_json=as_json))
    except KafkaError as error:
        name = type(error).__name__
        raise CommandError(f"Kafka does not answer ({name}): enlace status", NOT_RUNNING) from None
    except KeyboardInterrupt:
        raise typer.Exit from None


async def _print_events(
    system: State, referral: str | None, *, follow: bool, as_json: bool
) -> None:
    async with stream.opened(system.kafka, CELL, from_start=True) as line:
        past = [event async for part in line.until_end() for event in part]
        _print(_of(sorted(past, key=_order), referral), as_json=as_json)
        while follow:
            fresh = await line.read(0.5)
            _print(_of(sorted(fresh, key=_order), referral), as_json=as_json)


def _order(event: stream.Seen) -> tuple[str, str, int]:
    return (event.time.isoformat() if event.time else "", event.topic, event.sequence or 0)


def _of(found: Iterable[stream.Seen], referral: str | None) -> list[stream.Seen]:
    return [event for event in found if referral is None or event.referral == referral]


def _print(found: list[stream.Seen], *, as_json: bool) -> None:
    for event in found:
        envelope = event.envelope()
        if as_json:
            typer.echo(json.dumps(envelope))
        else:
            when = (
                event.time.astimezone(clock.ZONE).strftime("%m-%d %H:%M:%S") if event.time else "?"
            )
            number = event.sequence or "?"
            typer.echo(f"{when}  {event.topic:<16} {event.key:<36} {number:>4}  {event.type}")
