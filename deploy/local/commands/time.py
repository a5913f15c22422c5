"""`enlace clock`: the local system's own time."""

from typing import Annotated

import typer

from deploy.local.commands.common import (
    DEFAULT,
    CommandError,
    HomeOption,
    JsonOption,
    out,
    print_json,
    running,
)
from deploy.local.system import clock
from deploy.local.system.places import Home

commands = typer.Typer(help="The local system's own time.", no_args_is_help=True)


@commands.command()
def show(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Show the time in the local system."""
    running(home)
    _print(home, as_json=as_json)


@commands.command()
def advance(
    by: Annotated[str, typer.Argument(help="How far: 14d, 12h, 90m, 2w, 1d12h.", metavar="LENGTH")],
    *,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Move the clock forward: what falls due meanwhile happens now. There is no way back."""
    running(home)
    try:
        clock.advance(Home(home), clock.duration(by))
    except clock.DurationError as error:
        raise CommandError(str(error), 2) from None
    _print(home, as_json=as_json)


def _print(home: HomeOption, *, as_json: bool) -> None:
    moment = clock.now(Home(home))
    if as_json:
        print_json({"now": moment.isoformat(), "zone": str(clock.ZONE)})
    else:
        out.print(f"{moment:%A, %-d %B %Y, %H:%M:%S} ({clock.ZONE})")
