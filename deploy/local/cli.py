"""`enlace`: the local system and what is done with it, one command each.

Exit codes: 0 done; 1 it could not be done, or what was checked is not so; 2 wrong usage; 3 no
local system runs.
"""

import sys
from typing import NoReturn

import typer

from deploy.local.commands import bring_in, look, operate, play, time
from deploy.local.commands.common import FAILED, NOT_RUNNING, CommandError, err
from deploy.local.commands.reset import reset
from deploy.local.commands.up import up
from deploy.local.personas import UnknownPersonaError
from deploy.local.servers.errors import ServerError
from deploy.local.system.state import NotRunningError

cli = typer.Typer(
    name="enlace",
    help="The whole referral network on this machine.",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
cli.command()(up)
cli.command()(look.status)
cli.command()(look.personas)
cli.command()(look.token)
cli.command()(look.events)
cli.add_typer(operate.parked, name="parked")
cli.add_typer(operate.read_models, name="read-models")
cli.command()(operate.republish)
cli.add_typer(time.commands, name="clock")
cli.add_typer(bring_in.commands, name="import")
cli.command()(play.demo)
cli.command()(reset)


def main() -> NoReturn:
    """Run a command; every failure that a person can act on is one line."""
    try:
        cli(prog_name="enlace")
    except NotRunningError as error:
        _fail(str(error), NOT_RUNNING)
    except CommandError as error:
        _fail(str(error), error.code)
    except (ServerError, UnknownPersonaError) as error:
        _fail(str(error.args[0] if error.args else error), FAILED)
    sys.exit(0)


def _fail(text: str, code: int) -> NoReturn:
    err.print(f"error: {text}", markup=False)
    sys.exit(code)


if __name__ == "__main__":
    main()
