"""`enlace events`: what passes through Kafka."""

import asyncio
import json
from collections.abc import Iterable
from typing import Annotated

import typer
from aiokafka.errors import KafkaError

from deploy.local import stream
from deploy.local.commands.common import (
    DEFAULT,
    NOT_RUNNING,
    CommandError,
    HomeOption,
    running,
)
from deploy.local.system import clock
from deploy.local.system.places import CELL


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
        asyncio.run(print_events(system.kafka, CELL, wanted, follow=follow, as_json=as_json))
    except KafkaError as error:
        name = type(error).__name__
        raise CommandError(f"Kafka does not answer ({name}): enlace status", NOT_RUNNING) from None
    except KeyboardInterrupt:
        raise typer.Exit from None


async def print_events(
    kafka: str, cell: str, referral: str | None, *, follow: bool, as_json: bool
) -> None:
    """Print a cell's events, or one referral's; with `follow`, until cancelled.

    Raises:
        KafkaError: the broker does not answer.
    """
    async with stream.opened(kafka, cell, from_start=True) as line:
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
