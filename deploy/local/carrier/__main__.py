"""`python -m deploy.local.carrier`: run the carrier simulator."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr, ValidationError

import deploy.local.carrier as package
from deploy.local.carrier.app import HOST, CarrierServer
from deploy.local.carrier.database import HomeInUseError
from deploy.local.carrier.settings import Options

# click rewraps a paragraph unless \b stands before it.
_HELP = "\n\n".join("\b\n" + part for part in (package.__doc__ or "").strip().split("\n\n"))

cli = typer.Typer(add_completion=False, rich_markup_mode=None)


@cli.command(help=_HELP)
def main(  # noqa: D103 - its help is the package's docstring
    *,
    home: Annotated[
        Path, typer.Option(envvar="ENLACE_CARRIER_HOME", help="Folder that keeps the texts.")
    ],
    account_sid: Annotated[
        str,
        typer.Option(
            "--account",
            envvar="ENLACE_CARRIER_ACCOUNT",
            help="Account SID: AC and 32 hexadecimal digits.",
        ),
    ],
    auth_token: Annotated[
        str,
        typer.Option(
            envvar="ENLACE_CARRIER_AUTH_TOKEN",
            help="The API's password and the signatures' key. Other users of the machine can see "
            "options, so prefer the variable.",
        ),
    ],
    port: Annotated[
        int, typer.Option(envvar="ENLACE_CARRIER_PORT", min=1, max=65535, help="On 127.0.0.1.")
    ] = 8406,
    number: Annotated[
        list[str] | None,
        typer.Option(
            envvar="ENLACE_CARRIER_NUMBERS",
            help="A number of the product, to be repeated (the variable: separated by spaces). "
            "Other senders are refused with 21606. Without any, every sender is taken.",
        ),
    ] = None,
    messaging_service: Annotated[
        str | None,
        typer.Option(
            envvar="ENLACE_CARRIER_MESSAGING_SERVICE",
            help="MG and 32 hexadecimal digits. Without it, every messaging service is taken.",
        ),
    ] = None,
    inbound_url: Annotated[
        str | None,
        typer.Option(
            envvar="ENLACE_CARRIER_INBOUND_URL", help="Where the family's texts are posted."
        ),
    ] = None,
    latency: Annotated[
        float | None,
        typer.Option(
            envvar="ENLACE_CARRIER_LATENCY",
            help="Seconds from queued to sent, and from sent to delivered. [at first: 0.5]",
        ),
    ] = None,
    retry: Annotated[
        list[float] | None,
        typer.Option(
            envvar="ENLACE_CARRIER_RETRY",
            help="Seconds before each further attempt of a webhook, to be repeated. "
            "[at first: 1 5 30 120]",
        ),
    ] = None,
    clock_file: Annotated[
        Path | None,
        typer.Option(
            envvar="ENLACE_CARRIER_CLOCK_FILE",
            help='The product\'s movable clock, {"offset_seconds": 0.0}: it stamps the texts.',
        ),
    ] = None,
    keep: Annotated[
        int, typer.Option(envvar="ENLACE_CARRIER_KEEP", help="How many texts are kept.")
    ] = 20_000,
) -> None:
    settings: dict[str, object] = {
        "inbound_url": inbound_url,
        "latency_seconds": latency,
        "retry_seconds": retry or None,
    }
    try:
        options = Options(
            home=home,
            account_sid=account_sid,
            auth_token=SecretStr(auth_token),
            numbers=tuple(number or ()),
            service_sid=messaging_service,
            # What is not given here keeps the value that it had.
            settings={name: value for name, value in settings.items() if value is not None},
            clock_file=clock_file,
            keep=keep,
        )
        server = CarrierServer(options, port)
    except ValidationError as error:
        reasons = [f"{reason['loc'][0]}: {reason['msg']}" for reason in error.errors()]
        raise typer.BadParameter("; ".join(reasons)) from None
    except HomeInUseError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Carrier simulator: http://{HOST}:{port}/ (nobody is really texted)", err=True)
    server.run()


if __name__ == "__main__":
    cli(prog_name="python -m deploy.local.carrier")
