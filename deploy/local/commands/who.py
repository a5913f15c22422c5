"""Who can sign in to a local system, and with which token."""

from typing import Annotated

import typer

from deploy.local.commands.common import (
    DEFAULT,
    HomeOption,
    JsonOption,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.personas import PERSONAS, persona
from deploy.local.servers.oidc import access_token


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
