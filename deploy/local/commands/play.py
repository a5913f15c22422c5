"""`enlace demo`: one referral round the loop."""

import asyncio
from typing import Annotated

import typer

from deploy.local.commands.common import (
    DEFAULT,
    HomeOption,
    JsonOption,
    err,
    out,
    print_json,
    running,
)
from deploy.local.demo.run import run_demo
from deploy.local.system.places import Home


def demo(
    *,
    service: Annotated[
        str | None,
        typer.Option(
            metavar="PART",
            help="Part of an imported service's name; a student of an imported roster is referred.",
        ),
    ] = None,
    student: Annotated[str, typer.Option(metavar="PART", help="Part of that student's name.")] = "",
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Send one referral round the loop, from the need to the family's yes, and show each step.

    Only the public APIs, the texts and the mail are used; each step is seen on Kafka or in an API
    before the next begins. Fails, naming the step, when one is not seen within a minute.
    """
    system = running(home)
    place = err if as_json else out
    story = asyncio.run(
        run_demo(
            system,
            Home(home),
            lambda line: place.print(line, markup=False),
            service=service,
            student=student,
        )
    )
    if as_json:
        print_json(story.as_json())
    else:
        total = sum(step.seconds for step in story.steps)
        out.print(f"Closed twice, in {total:.1f} s: by the partner, and by the family.")
