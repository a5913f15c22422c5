"""`enlace`: the local system and what is done with it, one command each.

Exit codes: 0 done; 1 it could not be done, or what was checked is not so; 2 wrong usage; 3 no
local system runs.
"""

import sys
from importlib import import_module
from typing import NoReturn

import typer

from deploy.local.commands.common import FAILED, NOT_RUNNING, CommandError, err
from deploy.local.personas import UnknownPersonaError
from deploy.local.servers.errors import ServerError
from deploy.local.system.disk import told
from deploy.local.system.state import NotRunningError

_WHERE = {
    "up": "up:up",
    "status": "status:status",
    "personas": "who:personas",
    "token": "who:token",
    "events": "events:events",
    "parked": "operate:parked",
    "read-models": "operate:read_models",
    "republish": "republish:republish",
    "clock": "time:commands",
    "import": "bring_in:commands",
    "demo": "play:demo",
    "templates": "templates:commands",
    "reset": "reset:reset",
}
"""Where each command is written: module and name."""


def build(*names: str) -> typer.Typer:
    """Return the program with these commands.

    Only their modules are read: a command that asks little must not wait for those that start
    servers.
    """
    cli = typer.Typer(
        name="enlace",
        help="The whole referral network on this machine.",
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
    )

    @cli.callback()
    def program() -> None:
        """Run the whole referral network on this machine."""

    for name in names:
        module, _, attribute = _WHERE[name].partition(":")
        command = getattr(import_module(f"deploy.local.commands.{module}"), attribute)
        if isinstance(command, typer.Typer):
            cli.add_typer(command, name=name)
        else:
            cli.command(name)(command)
    return cli


def main() -> NoReturn:
    """Run a command; every failure that a person can act on is one line."""
    asked = next(iter(sys.argv[1:]), "")
    try:
        build(*([asked] if asked in _WHERE else _WHERE))(prog_name="enlace")
    except NotRunningError as error:
        _fail(str(error), NOT_RUNNING)
    except CommandError as error:
        _fail(str(error), error.code)
    except (ServerError, UnknownPersonaError) as error:
        _fail(str(error.args[0] if error.args else error), FAILED)
    except OSError as error:
        _fail(told(error), FAILED)
    sys.exit(0)


def _fail(text: str, code: int) -> NoReturn:
    err.print(f"error: {text}", markup=False)
    sys.exit(code)


if __name__ == "__main__":
    main()
