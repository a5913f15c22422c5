"""What a journey that fails has to tell besides: what was on Kafka, and what the services said."""

import subprocess
from collections.abc import Generator

import pytest

from deploy.local.system import logs
from deploy.local.system.places import Home
from deploy.local.system.state import read
from tests.local.running import Up, enlace

_NEWEST = 60  # lines of each


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Function) -> Generator[None]:
    try:
        yield
    except BaseException as error:
        for given in item.funcargs.values():
            up = given if isinstance(given, Up) else getattr(given, "up", None)
            if isinstance(up, Up):
                error.add_note(evidence(up))
        raise


def evidence(up: Up) -> str:
    """Return the state of the parts, the last events on Kafka, and what services warned of."""
    lines = []
    for question in ("status", "events"):
        try:
            done = enlace(question, home=up.home, seconds=60)
        except subprocess.TimeoutExpired:
            lines.append(f"`enlace {question}` did not answer")
        else:
            lines += [*done.stdout.splitlines()[-_NEWEST:], done.stderr]
    for name, part in read(Home(up.home)).parts.items():
        lines += [f"{name}: {each}" for each in logs.that_matter(part.log)]
    return "\n".join(lines)
