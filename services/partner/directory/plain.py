"""Words without the markup in which some directories keep them. Pure.

Whoever reads a service's description reads words: tags would be shown to a family as they are, and
handed on to whoever reads the directory from here.
"""

import html
import re
from html.parser import HTMLParser

_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<!--")
_ESCAPED = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,5});")
_UNSEEN = frozenset({"script", "style", "template", "head"})
_APART = frozenset(
    {"address", "article", "br", "dd", "div", "dl", "dt", "h1", "h2", "h3", "h4", "h5", "h6"}
    | {"hr", "li", "ol", "p", "section", "table", "td", "th", "tr", "ul"}
)


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._unseen += tag in _UNSEEN
        self.parts.append(" " if tag in _APART else "")

    def handle_endtag(self, tag: str) -> None:
        self._unseen = max(0, self._unseen - (tag in _UNSEEN))
        self.parts.append(" " if tag in _APART else "")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.parts.append(data)


def has_markup(text: str) -> bool:
    """Tell whether a text is written as a page is, with tags."""
    return _MARKUP.search(text) is not None


def plain(text: str) -> str:
    """Return the words of a text alone; one without markup comes back as it is."""
    if not has_markup(text):
        return html.unescape(text) if _ESCAPED.search(text) else text
    reader = _Words()
    reader.feed(text)
    reader.close()
    return " ".join("".join(reader.parts).split())
