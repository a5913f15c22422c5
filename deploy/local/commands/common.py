"""What every command shares: where the system is, how it is asked, how answers are printed."""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import httpx2
import typer
from rich.console import Console

from deploy.local.personas import persona
from deploy.local.servers.oidc import access_token
from deploy.local.system import state
from deploy.local.system.places import DEFAULT_HOME, Home
from deploy.local.system.state import State

FAILED = 1
NOT_RUNNING = 3

HomeOption = Annotated[
    Path,
    typer.Option("--home", envvar="ENLACE_HOME", help="Folder of the local system."),
]
DEFAULT = DEFAULT_HOME
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)


class CommandError(Exception):
    """A command cannot do what was asked; the text says why and what to do next."""

    def __init__(self, text: str, code: int = FAILED) -> None:
        super().__init__(text)
        self.code = code


def running(home: Path) -> State:
    """Return the running system.

    Raises:
        NotRunningError: there is none.
    """
    return state.read(Home(home))


def print_json(value: Any) -> None:
    """Print for programs."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, default=str) + "\n")


def print_table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print columns, as wide as they need to be: nothing is cut off where a program reads them."""
    lines = [list(map(_cell, row)) for row in rows]
    widths = [max(map(len, column)) for column in zip(heads, *lines, strict=True)]
    out.print(_line(heads, widths), style="bold", markup=False)
    for line in lines:
        out.print(_line(line, widths), markup=False)


def _cell(value: object) -> str:
    return "" if value is None else str(value)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    pairs = zip(cells, widths, strict=True)
    return "  ".join(f"{cell:<{width}}" for cell, width in pairs).rstrip()


class Api:
    """A service of the running system, called as one persona.

    Args:
        system: the running system.
        service: whose API.
        who: a persona's name.
        wait: how long it may take to answer, in seconds.
    """

    def __init__(self, system: State, service: str, who: str, *, wait: float = 60) -> None:
        self._service = service
        token = access_token(system.url("oidc"), persona(who))
        self._client = httpx2.Client(
            base_url=system.url(service),
            headers={"Authorization": f"Bearer {token}"},
            timeout=wait,
            # A proxy of the surroundings has nothing to do with the loopback address.
            trust_env=False,
        )

    def get(self, path: str, **query: str) -> Any:
        """Return the answer's JSON.

        Raises:
            CommandError: the service refused or does not answer.
        """
        return self._answer("GET", path, params=query)

    def get_text(self, path: str) -> str:
        """Return the answer as text.

        Raises:
            CommandError: the service refused or does not answer.
        """
        return self._asked("GET", path).text

    def post(
        self,
        path: str,
        body: Any = None,
        *,
        content: bytes | None = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> Any:
        """Return the answer's JSON.

        Raises:
            CommandError: the service refused or does not answer.
        """
        return self._answer("POST", path, params=query, json=body, content=content, headers=headers)

    def _answer(self, method: str, path: str, **what: Any) -> Any:
        answer = self._asked(method, path, **what)
        return answer.json() if answer.content else None

    def _asked(self, method: str, path: str, **what: Any) -> httpx2.Response:
        given = {name: value for name, value in what.items() if value is not None}
        try:
            answer = self._client.request(method, path, **given)
        except httpx2.HTTPError as error:
            raise CommandError(
                f"{self._service} does not answer ({type(error).__name__}). "
                "See what runs: enlace status"
            ) from None
        if answer.is_success:
            return answer
        raise CommandError(f"{self._service} refused: {said(answer)}")


def said(answer: httpx2.Response) -> str:
    """Return what a problem document says, for a person."""
    try:
        problem = answer.json()
        fields = "; ".join(f"{each['field']}: {each['what']}" for each in problem.get("fields", ()))
        return f"{problem['detail']} ({answer.status_code})" + (f" {fields}" if fields else "")
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"status {answer.status_code}"
