"""Names as people search for them."""

import unicodedata


def fold(text: str) -> str:
    """Return a text without case and accents, so that `nino` finds `Niño`."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(char for char in apart if not unicodedata.combining(char)).split())
