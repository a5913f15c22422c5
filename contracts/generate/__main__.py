"""`python -m contracts.generate`: write what is made from the classes, or check it."""

import json
from pathlib import Path
from typing import Annotated

import typer

from contracts.generate import files
from contracts.generate.catalogue import ROOT, release
from contracts.generate.compatibility import Break, baseline, breaks, last_baseline

COMMAND = "python -m contracts.generate"


def main(
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where something is not current.")
    ] = False,
    new_baseline: Annotated[
        bool, typer.Option("--baseline", help="Remember the present classes as this release's.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the findings as JSON, for programs.")
    ] = False,
    root: Annotated[
        Path, typer.Option(help="The folder that holds contracts/ and docs/.", file_okay=False)
    ] = ROOT,
) -> None:
    """Write the JSON Schemas, the AsyncAPI document and the topic pages from the classes.

    Also compares the classes with the last release's baseline. Exit code 1: something is not
    current (with --check) or would break a reader; 2: the command was misused.
    """
    if check and new_baseline:
        raise typer.BadParameter("--check writes nothing and --baseline does: take one of them")
    last = last_baseline(root / files.BASELINES)
    broken = [] if last is None else breaks(last, baseline())
    stale = files.outdated(root) if check else files.write(root)
    lacking = last is None and not new_baseline
    if new_baseline and not broken:
        _remember(root)
    if as_json:
        typer.echo(json.dumps(_findings(stale, broken), indent=2))
    else:
        _tell(stale, broken, check=check, lacking=lacking)
        if new_baseline:
            typer.echo(
                "The baseline was left as it is." if broken else f"Baseline {release()} written."
            )
    if broken or lacking or (check and stale):
        raise typer.Exit(1)


def _remember(root: Path) -> None:
    file = root / files.BASELINES / f"v{release()}.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(files.as_json(baseline()), encoding="utf-8", newline="\n")


def _tell(stale: dict[Path, str], broken: list[Break], *, check: bool, lacking: bool) -> None:
    for path, matter in stale.items():
        typer.echo(f"{path.as_posix()} {matter}" + ("" if check else ": corrected"))
    if stale and check:
        typer.echo(f"Run `{COMMAND}` and commit what it changes.")
    for one in broken:
        typer.echo(f"Would break readers: {one}")
    if lacking:
        typer.echo(f"There is no baseline to compare with. Run `{COMMAND} --baseline`.")
    if not stale and not broken and not lacking:
        typer.echo("Everything is current, and no reader would break.")


def _findings(stale: dict[Path, str], broken: list[Break]) -> dict[str, object]:
    return {
        "files": [{"path": path.as_posix(), "matter": matter} for path, matter in stale.items()],
        "breaks": [
            {
                "topic": one.topic,
                "type": one.type,
                "field": one.field,
                "what": one.what,
                "remedy": one.remedy,
            }
            for one in broken
        ],
    }


if __name__ == "__main__":
    typer.run(main)
