"""`enlace templates`: the words of messages, checked and shown."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from contracts.codes import Channel
from deploy.local.commands.common import (
    FAILED,
    CommandError,
    JsonOption,
    err,
    out,
    print_json,
)
from services.notify.wording.check import check
from services.notify.wording.preview import Example, examples
from services.notify.wording.source import Source, TemplateFault, shipped

commands = typer.Typer(help="The words of messages.", no_args_is_help=True)

Names = Annotated[
    list[str] | None, typer.Argument(help="Of messages, such as family-asked; none means all.")
]


@commands.command(name="check")
def check_templates(names: Names = None, *, as_json: JsonOption = False) -> None:
    """Check words: both languages, same values, short, plain, naming no need that harms."""
    chosen = _chosen(names)
    found = [each for source in chosen for each in check(source)]
    if as_json:
        print_json([asdict(each) for each in found])
    else:
        for each in found:
            err.print(f"{each.where}: {each.rule}: {each.says}", markup=False)
        out.print(f"{len(chosen)} messages, {len(found)} to mend", markup=False)
    if found:
        raise typer.Exit(FAILED)


@commands.command(name="preview")
def preview_templates(names: Names = None, *, as_json: JsonOption = False) -> None:
    """Show messages as they go out, with the shortest and longest values that are real."""
    shown = {source.name: list(examples(source)) for source in _chosen(names)}
    if as_json:
        print_json({name: [asdict(each) for each in made] for name, made in shown.items()})
        return
    for name, made in shown.items():
        out.print(name, style="bold", markup=False)
        for each in made:
            _print(each)


def _print(example: Example) -> None:
    kind = "email"
    if example.channel is Channel.SMS:
        kind = "text, 1 part" if example.parts == 1 else f"text, {example.parts} parts"
    out.print(f"  {example.language}, {kind}, {example.size} values", style="dim", markup=False)
    lines = [f"Subject: {example.subject}", ""] if example.subject else []
    for line in [*lines, *example.body.splitlines()]:
        out.print(f"    {line}", markup=False)


def _chosen(names: Sequence[str] | None) -> list[Source]:
    try:
        known = shipped()
    except TemplateFault as fault:
        raise CommandError(str(fault)) from fault
    unknown = sorted(set(names or ()) - set(known))
    if unknown:
        raise CommandError(f"There is no message {', '.join(unknown)}. See: enlace templates check")
    return [known[each] for each in names or known]
