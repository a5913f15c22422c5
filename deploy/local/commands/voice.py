"""Progress for people: a spinner on a terminal, plain lines where nobody looks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from deploy.local.commands.common import err


@contextmanager
def spoken(first: str) -> Iterator[Callable[[str], None]]:
    """Give a function that tells a line; on a terminal the newest step has a spinner.

    Args:
        first: what is done at the beginning.
    """
    if not err.is_terminal:
        yield lambda line: err.print(line, markup=False)
        return
    with err.status(first) as status:

        def say(line: str) -> None:
            err.print(line, markup=False)
            if not line.startswith(" "):
                status.update(line)

        yield say
