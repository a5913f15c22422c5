"""`enlace import`: directories and rosters of other systems."""

import csv
import io
import time
import zipfile
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

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
from services.chassis.ids import is_id

commands = typer.Typer(help="Take other systems' exports in.", no_args_is_help=True)

_ZIP = {"Content-Type": "application/zip"}
_SHOWN = 20  # problems shown to a person; all are in the JSON
_ROSTERS = "/v1/imports/roster"
_MENDED = "mended-rows.csv"
_LOOK_SECONDS = 0.3

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
    site: Annotated[
        str | None,
        typer.Option(help=f"The school; the whole district without. There are: {', '.join(SITES)}"),
    ] = None,
    org: Annotated[
        str | None, typer.Option(help="One organization of the roster only, by its id there.")
    ] = None,
    mended: Annotated[
        Path | None, typer.Option(help="Bad rows that were mended, to be read with the same file.")
    ] = None,
    bad_rows: Annotated[
        Path | None, typer.Option(help="Where to write the rows that must be mended, as CSV.")
    ] = None,
    preview: Annotated[
        str | None, typer.Option(help="The preview that you looked at, where many are gone.")
    ] = None,
    part: Annotated[
        bool, typer.Option("--part", help="It is of a part: whoever it does not name has not left.")
    ] = False,
    dry_run: DryRun = False,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Take a roster in (School Data Sync v2.1); the same one again changes nothing."""
    if site is not None and site not in SITES:
        raise CommandError(f"There is no school {site!r}. There are: {', '.join(SITES)}", 2)
    if preview is not None and not is_id(preview):
        raise CommandError("--preview takes the id that --dry-run prints at its end.", 2)
    given = {"site": site, "org": org, "preview": preview}
    query = {name: value for name, value in given.items() if value is not None}
    api = Api(running(home), "referral", coordinator(site) if site else "admin")
    begun = api.post(
        _ROSTERS,
        content=zipped(path, mended),
        headers=_ZIP,
        dry_run=str(dry_run).lower(),
        part=str(part).lower(),
        wait="false",
        **query,
    )
    try:
        found = _awaited(api, begun["id"])
    except ManyGoneError as error:
        again = f"enlace import roster {path}" + (f" --site {site}" if site else "")
        raise CommandError(
            f"{error} Here: {again} --dry-run shows who is gone and names its preview; "
            f"{again} --preview ID then takes it in. If it is of a part of the school, and whoever "
            f"it does not name has not left: {again} --part"
        ) from None
    sheet = api.get_text(f"{_ROSTERS}/{begun['id']}/bad-rows") if found["bad_rows"] else ""
    if bad_rows is not None:
        bad_rows.write_text(sheet, encoding="utf-8")
    found["problems"] = list(csv.DictReader(io.StringIO(sheet.removeprefix("\ufeff"))))
    _print(found, as_json=as_json, dry_run=dry_run)
    if dry_run and not as_json:
        out.print(f"This preview: {begun['id']} (to take it in as it is: --preview with this id)")


class ManyGoneError(CommandError):
    """So many children are not in a roster that somebody must look first."""


def _awaited(api: Api, id: str) -> dict[str, Any]:
    """Return what an import came to, once it is done.

    Raises:
        CommandError: it stopped; the text says why, and what to do.
    """
    with Progress(console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task("Reading", total=None)
        while True:
            seen = api.get(f"{_ROSTERS}/{id}")
            if seen["state"] == "stopped":
                kind = ManyGoneError if seen["slug"] == "many-gone" else CommandError
                raise kind(seen["detail"])
            if seen["report"] is not None and seen["state"] in {"done", "previewed"}:
                report: dict[str, Any] = seen["report"]
                return report
            if seen["children"]:
                done = seen["handled"]
                progress.update(task, description="Writing", total=seen["children"], completed=done)
            time.sleep(_LOOK_SECONDS)


def zipped(path: Path, mended: Path | None = None) -> bytes:
    """Return a folder or file as a zip archive, made in memory; an archive as it is.

    Args:
        path: the folder, file or archive.
        mended: rows that were mended, to go with it.

    Raises:
        CommandError: there is nothing in it, or it is neither.
    """
    archive = _archive(path)
    if mended is None:
        return archive
    content = io.BytesIO(archive)
    with zipfile.ZipFile(content, "a", zipfile.ZIP_DEFLATED) as whole:
        whole.write(mended, _MENDED)
    return content.getvalue()


def _archive(path: Path) -> bytes:
    if not (path.is_dir() or path.is_file()):
        raise CommandError(f"{path} is no folder and no file. Name one of those.", 2)
    # A damaged archive is sent as it is: the service says what is wrong with it.
    if path.is_file() and (path.suffix.lower() == ".zip" or zipfile.is_zipfile(path)):
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
        number = report.get("problem_count", len(problems))
        err.print(f"{number} problems; the first of them (more with --json):")
        for each in report.get("problem_kinds", []):
            err.print(f"  {each['count']} of: {each['what']}", markup=False)
    for each in problems[:_SHOWN]:
        where = f"{each['file']}:{each['line']} {each['field']}"
        err.print(f"  {where}: {each['what']} {each['what_to_do']}", markup=False)
    if dry_run:
        out.print("Nothing was written.")


def _is_counts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(each, int) for each in value.values())
