"""`python -m deploy.local.viewer`: run the event viewer."""

from typing import Annotated

import typer

import deploy.local.viewer as package
from deploy.local.viewer.app import ViewerServer

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command(help=package.__doc__)
def main(  # noqa: D103 - its help is the package's docstring
    kafka: Annotated[str, typer.Option(help="host:port of the broker.")],
    cell: Annotated[str, typer.Option(help="Prefix of the topics.")] = "enlace",
    port: Annotated[int, typer.Option(min=1, max=65535, help="On 127.0.0.1.")] = 8408,
) -> None:
    ViewerServer(kafka, cell, port).run()


if __name__ == "__main__":
    cli(prog_name="python -m deploy.local.viewer")
