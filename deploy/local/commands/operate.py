"""Commands of an operator: parked keys and read models."""

import time
from pathlib import Path
from typing import Annotated, Any

import typer

from deploy.local.commands.common import (
    DEFAULT,
    Api,
    CommandError,
    HomeOption,
    JsonOption,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.system.places import WITH_EVENTS
from deploy.local.system.state import State

OPERATOR = "operator"

_READ_MODELS = "/v1/operations/read-models"
_LOOK_EVERY = 0.5  # seconds between two looks at a rebuild
_GOOD_ENDS = {"equal", "switched"}

parked = typer.Typer(help="Keys whose events wait for a person.", no_args_is_help=True)
read_models = typer.Typer(help="What reporting has folded from the events.", no_args_is_help=True)

ServiceArgument = Annotated[str, typer.Argument(help="Which service: " + ", ".join(WITH_EVENTS))]
GroupArgument = Annotated[
    str, typer.Argument(help="Its consumer group, as `parked list` shows it.")
]
TopicArgument = Annotated[str, typer.Argument(help="The topic.")]
ModelArgument = Annotated[str, typer.Argument(help="A read model, as `list` shows it.")]
KeyArgument = Annotated[str, typer.Argument(help="The parked key.")]


@parked.command("list")
def list_parked(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """List the keys that have stopped in every service, with the cause of each."""
    system = running(home)
    found: list[dict[str, Any]] = [
        {"service": service, **row}
        for service in _running(system)
        for row in Api(system, service, OPERATOR).get("/v1/operations/parked")
    ]
    if as_json:
        print_json(found)
    elif not found:
        out.print("No key is parked.")
    else:
        heads = ("service", "group", "stream", "key", "waiting", "type", "sequence", "cause")
        print_table(heads, [[row[head] for head in heads] for row in found])


@parked.command("show")
def show_parked(
    service: ServiceArgument,
    group: GroupArgument,
    topic: TopicArgument,
    key: KeyArgument,
    *,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """List a key's waiting events; never what they hold."""
    found = _ask(home, service, "show", (group, topic, key))
    if as_json:
        print_json(found)
        return
    heads = ("position", "type", "sequence", "bytes", "parked_at", "cause")
    print_table(heads, [[row[head] for head in heads] for row in found])


@parked.command("retry")
def retry_parked(
    service: ServiceArgument,
    group: GroupArgument,
    topic: TopicArgument,
    key: KeyArgument,
    *,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Replay a key in order; fails when something of it still cannot pass."""
    _tell(_ask(home, service, "retry", (group, topic, key)), as_json=as_json)


@parked.command("discard")
def discard_parked(
    service: ServiceArgument,
    group: GroupArgument,
    topic: TopicArgument,
    key: KeyArgument,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Drop the first waiting event of a key for good, then replay the rest."""
    if not yes:
        typer.confirm(f"Drop the first waiting event of {key} for good?", abort=True)
    _tell(_ask(home, service, "discard", (group, topic, key)), as_json=as_json)


def _ask(home: Path, service: str, what: str, place: tuple[str, str, str]) -> Any:
    api = Api(_named(running(home), service), service, OPERATOR)
    named = dict(zip(("group", "topic", "key"), place, strict=True))
    return api.post(f"/v1/operations/parked/{what}", named)


def _tell(outcome: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(outcome)
    else:
        out.print(f"{outcome['applied']} applied, {outcome['still_parked']} still parked.")
        if outcome["cause"]:
            out.print(f"Why: {outcome['cause']}", markup=False)
    if outcome["still_parked"]:
        raise typer.Exit(1)


@read_models.command("list")
def list_models(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """List the read models with the version that serves."""
    found = Api(running(home), "reporting", OPERATOR).get(_READ_MODELS)
    if as_json:
        print_json(found)
        return
    heads = ("name", "version", "generation", "rebuild")
    rows = [
        (each["name"], each["version"], each["generation"], (each["rebuild"] or {}).get("state"))
        for each in found
    ]
    print_table(heads, rows)


@read_models.command("rebuild")
def rebuild_model(
    name: ModelArgument,
    *,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Read the new one also where it is different.")
    ] = False,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Fold a read model anew from the first event, and read it from then on where it is equal."""
    api = Api(running(home), "reporting", OPERATOR)
    api.post(f"{_READ_MODELS}/{name}/rebuild", switch="always" if anyway else "equal")
    _follow(api, name, as_json=as_json)


@read_models.command("compare")
def compare_model(
    name: ModelArgument,
    *,
    home: HomeOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Fold a read model anew and compare it with the one that is read; fails when they differ.

    What is read stays what it is.
    """
    api = Api(running(home), "reporting", OPERATOR)
    api.post(f"{_READ_MODELS}/{name}/rebuild", switch="never")
    _follow(api, name, as_json=as_json)


def _follow(api: Api, name: str, *, as_json: bool) -> None:
    """Wait for the end of a rebuild, saying how far it is; fails where it found a difference."""
    said = ""
    while True:
        row = next(each for each in api.get(_READ_MODELS) if each["name"] == name)
        rebuild = row["rebuild"]
        if rebuild["finished_at"] is not None:
            break
        if not as_json and (now := _how_far(rebuild)) != said:
            said = now
            out.print(said)
        time.sleep(_LOOK_EVERY)
    if as_json:
        print_json(row)
    else:
        _tell_end(row)
    if rebuild["state"] not in _GOOD_ENDS:
        raise typer.Exit(1)


def _how_far(rebuild: dict[str, Any]) -> str:
    if rebuild["total"] is None:
        return str(rebuild["state"])
    return f"{rebuild['state']}: {rebuild['applied']} of {rebuild['total']} events"


def _tell_end(row: dict[str, Any]) -> None:
    rebuild = row["rebuild"]
    report = rebuild["report"]
    if report is None:
        out.print(f"It failed: {rebuild['cause']}. {rebuild['next']}")
        return
    out.print(
        f"{rebuild['state']}: {report['compared']} documents compared, "
        f"{report['different']} different, {report['moving']} never at rest."
    )
    for each in report["stopped"]:
        out.print(f"  stands still: {each.replace('|', ' ')}", markup=False)
    if report["stopped"]:
        out.print(
            "An event of these keys is set aside in one of the two, or was discarded in the other. "
            "Retry it after a fix, or discard it there too, then compare again: enlace parked list"
        )
    for each in report["differences"]:
        out.print(f"  {each['id']}: {', '.join(each['fields'])}", markup=False)
    for count in report["counts_wrong"]:
        out.print(f"  count {count} is not the sum of its documents", markup=False)
    out.print(f"Generation {row['generation']} is read.")


def _running(system: State) -> list[str]:
    return [name for name in WITH_EVENTS if name in system.parts]


def _named(system: State, service: str) -> State:
    if service not in _running(system):
        known = ", ".join(_running(system))
        raise CommandError(f"There is no service {service!r} here. There are: {known}")
    return system
