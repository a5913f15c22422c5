"""The chart as helm renders it, for every set of values that comes with it."""

import subprocess
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.tooling import tool

CHART = Path(__file__).parents[2] / "deploy" / "helm" / "enlace"
SETS = ("small", "large", "given", "shared")
NAMESPACE = "district"

Object = dict[str, Any]


def helm(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run helm on nothing but files."""
    return subprocess.run(  # noqa: S603 - our own helm
        [str(tool("helm")), *arguments], capture_output=True, text=True, check=False
    )


def template(name: str, *given: str) -> subprocess.CompletedProcess[str]:
    """Render a set of values, with further `name=value` settings."""
    more = [part for each in given for part in ("--set", each)]
    values = str(CHART / "values" / f"{name}.yaml")
    return helm(
        "template", "enlace", str(CHART), "--namespace", NAMESPACE, "--values", values, *more
    )


@cache
def rendered(name: str, *given: str) -> tuple[Object, ...]:
    """Return the objects of a set of values.

    Raises:
        AssertionError: helm refused; with its message.
    """
    done = template(name, *given)
    assert done.returncode == 0, done.stderr
    return tuple(each for each in yaml.safe_load_all(done.stdout) if each)


def refusal(name: str, *given: str) -> str:
    """Return what helm says to values that it refuses."""
    done = template(name, *given)
    assert done.returncode != 0, "it was taken"
    return done.stderr


def of_kind(objects: Sequence[Object], *kinds: str) -> list[Object]:
    """Return the objects of some kinds."""
    return [each for each in objects if each["kind"] in kinds]


def named(objects: Sequence[Object], kind: str, name: str) -> Object:
    """Return one object."""
    return next(each for each in of_kind(objects, kind) if each["metadata"]["name"] == name)


def pods(objects: Sequence[Object]) -> Iterator[tuple[str, Object]]:
    """Yield `kind/name` and the pod's metadata and spec, of whatever makes pods."""
    for each in of_kind(objects, "Deployment", "Job"):
        yield f"{each['kind']}/{each['metadata']['name']}", each["spec"]["template"]
    for each in of_kind(objects, "Pod"):
        yield f"Pod/{each['metadata']['name']}", each


def environment(pod: Object) -> dict[str, Any]:
    """Return a pod's variables: a value, or where it comes from."""
    variables = pod["spec"]["containers"][0]["env"]
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in variables}
