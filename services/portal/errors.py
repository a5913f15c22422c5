"""What a page cannot go on from. Each is shown as a sentence with the next step."""

from collections.abc import Mapping, Sequence
from typing import Any


class PageError(Exception):
    """A page that says what happened instead.

    Attributes:
        status: of the answer.
        slug: the words: `error.<slug>.title` and `.text`; where there are none, the status's.
        told: what the service that refused says of it, by language.
        meanwhile: the last changes, newest first, where somebody else was faster: `what`, `at`,
            `by` and `name`.
    """

    def __init__(
        self,
        status: int,
        slug: str | None = None,
        *,
        told: Mapping[str, str] | None = None,
        meanwhile: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug or str(status)
        self.told = dict(told or {})
        self.meanwhile = tuple(meanwhile)


class SignedOutError(Exception):
    """Nobody is signed in, or no longer: sign in, then come back."""
