"""`enlace import`: directories and rosters of other systems."""

import io
import zipfile
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.commands.common import (
    DEFAULT,
    Api,
    CommandError,
    HomeOption,
    JsonOption,
    err,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.district.load import coordinator
from deploy.local.personas import SITES

commands = typer.Typer(help="Take other systems' exports in.", no_args_is_help=True)

_ZIP = {"Content-Type": "application/zip"}
_SHOWN = 20  # problems shown to a person; all are in the JSON

PathArgument = Annotated[
    Path, typer.Argument(help="A folder, a zip archive or a single file.", exists=True)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, write nothing.")]


@commands.command()
def directory(
    path: PathArgument,
    *,
    dry_run: DryRun = False,
    source: Annotated[
        str | None, typer.Option(help="Which directory it is; a later import of it finds its own.")
    ] = None,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Take a service directory in: Open Referral HSDS 3.0 as JSON or CSV, or the Ohana layout."""
    # Left out, partner tells by what is in it: a folder's name says nothing.
    query = {"dry_run": str(dry_run).lower()} | ({"source": source} if source else {})
    api = Api(running(home), "partner", "admin")
    found = api.post("/v1/imports/directory", content=zipped(path), headers=_ZIP, **query)
    _print(found, as_json=as_json, dry_run=dry_run)


@commands.command()
def roster(
    path: PathArgument,
    *,
    site: Annotated[str, typer.Option(help="The school: " + ", ".join(SITES))],
    org: Annotated[
        str | None, typer.Option(help="One organization of the roster only, by its id there.")
    ] = None,
    dry_run: DryRun = False,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Take a school's roster in (School Data Sync v2.1); the same one again changes nothing."""
    if site not in SITES:
        raise CommandError(f"There is no school {site!r}. There are: {', '.join(SITES)}", 2)
    query = {"dry_run": str(dry_run).lower(), "site": site} | ({"org": org} if org else {})
    api = Api(running(home), "referral", coordinator(site))
    found = api.post("/v1/imports/roster", content=zipped(path), headers=_ZIP, **query)
    _print(found, as_json=as_json, dry_run=dry_run)


def zipped(path: Path) -> bytes:
    """Return a folder or file as a zip archive, made in memory; an archive as it is.

    Raises:
        CommandError: there is nothing in it.
    """
    if zipfile.is_zipfile(path):
        return path.read_bytes()
    files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
    if not files:
        raise CommandError(f"There is no file in {path}.")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for each in files:
            name = each.relative_to(path) if path.is_dir() else Path(each.name)
            archive.write(each, name.as_posix())
    return content.getvalue()


def _print(report: dict[str, Any], *, as_json: bool, dry_run: bool) -> None:
    if as_json:
        print_json(report)
        return
    counted = {name: value for name, value in report.items() if _is_counts(value)}
    heads = list(dict.fromkeys(head for value in counted.values() for head in value))
    print_table(
        ("", *heads),
        [(name, *(value.get(head, 0) for head in heads)) for name, value in counted.items()],
    )
    for name, value in report.items():
        if isinstance(value, int) and not isinstance(value, bool):
            out.print(f"{name}: {value}")
        elif isinstance(value, list) and name != "problems" and value:
            out.print(f"{name}: {len(value)}")
    problems = report.get("problems", [])
    if problems:
        err.print(f"{len(problems)} problems; the first of them (all with --json):")
    for each in problems[:_SHOWN]:
        where = f"{each['file']}:{each['line']} {each['field']}"
        err.print(f"  {where}: {each['what']} {each['what_to_do']}", markup=False)
    if dry_run:
        out.print("Nothing was written.")


def _is_counts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, int) for each in value.values())
