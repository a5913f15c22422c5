"""A client as `docs/api` asks for: its own ids, and the same request again until it is answered."""

import asyncio
import time
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import httpx2

_PATIENCE = 100.0  # seconds: a broker or database that is killed is back after a dozen
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 1.0
_NOT_NOW = frozenset({HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)})


class NoAnswerError(Exception):
    """A request was sent again and again and never answered; the text says which and how last."""


class RefusedError(Exception):
    """An answer is none that can be; the text holds it."""

    def __init__(self, answer: httpx2.Response) -> None:
        asked = answer.request
        place = _without_link(str(asked.url))
        super().__init__(f"{asked.method} {place}: {answer.status_code} {answer.text[:300]}")


class Client:
    """Sends requests and repeats those whose answer is lost or says *not now*.

    Attributes:
        repeats: how often a request was sent again.
    """

    def __init__(self) -> None:
        self._http = httpx2.AsyncClient(
            timeout=httpx2.Timeout(10.0, connect=2.0),
            # A proxy of the surroundings has nothing to do with the loopback address.
            trust_env=False,
            limits=httpx2.Limits(max_connections=100, max_keepalive_connections=50),
        )
        self.repeats = 0

    async def send(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        patience: float = _PATIENCE,
    ) -> httpx2.Response:
        """Return the answer, whatever it is, once there is one that is final.

        Args:
            method: of HTTP.
            url: a whole address.
            json: a body of an API, or
            form: the fields of a page's form.
            headers: added to the client's own.
            patience: seconds.

        Raises:
            NoAnswerError: there was none for `patience` seconds.
        """
        deadline = time.monotonic() + patience
        pause = _FIRST_PAUSE
        while True:
            try:
                answer = await self._http.request(
                    method, url, json=json, data=form, headers=headers
                )
                if answer.status_code not in _NOT_NOW:
                    return answer
                last = f"{answer.status_code} {_slug(answer)}"
            except httpx2.HTTPError as error:
                last = type(error).__name__
            if time.monotonic() > deadline:
                raise NoAnswerError(f"{method} {_without_link(url)}: {last}")
            self.repeats += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    async def close(self) -> None:
        """Close connections."""
        await self._http.aclose()


def _slug(answer: httpx2.Response) -> str:
    return problem(answer).rpartition("/")[2]


def need_success(answer: httpx2.Response) -> None:
    """Go on after a 2xx alone.

    Raises:
        RefusedError: it is none.
    """
    if not answer.is_success:
        raise RefusedError(answer)


def problem(answer: httpx2.Response) -> str:
    """Return the type of a problem document; empty for any other answer."""
    try:
        return str(answer.json().get("type", ""))
    except (ValueError, AttributeError):
        return ""


def _without_link(url: str) -> str:
    """Return an address without the link in it, which acts for an agency."""
    before, page, _ = url.partition("/a/")
    return before + page
