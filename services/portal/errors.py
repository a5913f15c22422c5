"""What a page cannot go on from. Each is shown as a sentence with the next step."""


class PageError(Exception):
    """A page that says what happened instead.

    Attributes:
        status: of the answer.
        slug: the words: `error.<slug>.title` and `.text`; where there are none, the status's.
    """

    def __init__(self, status: int, slug: str | None = None) -> None:
        super().__init__(f"{status} {slug}")
        self.status = status
        self.slug = slug or str(status)


class SignedOutError(Exception):
    """Nobody is signed in, or no longer: sign in, then come back."""
