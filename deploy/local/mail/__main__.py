"""`python -m deploy.local.mail`: run the mail sink."""

from pathlib import Path
from typing import Annotated

import typer
import uvicorn

import deploy.local.mail as package
from deploy.local.mail.app import HOST, create_app

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command(help=package.__doc__)
def main(  # noqa: D103 - its help is the package's docstring
    home: Annotated[Path, typer.Option(help="Folder that keeps the messages.")],
    smtp_port: Annotated[int, typer.Option(min=1, max=65535, help="On 127.0.0.1.")] = 8425,
    http_port: Annotated[int, typer.Option(min=1, max=65535, help="On 127.0.0.1.")] = 8407,
) -> None:
    uvicorn.run(
        create_app(home, smtp_port),
        host=HOST,
        port=http_port,
        log_level="warning",
        access_log=False,
        # A page left open must not hold up the end.
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    cli()
