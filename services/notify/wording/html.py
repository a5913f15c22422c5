"""A mail as a page: the same words, one column, readable large, small, in the dark and aloud. Pure.

No picture, no script and nothing that is fetched: what is shown is what was sent, and nobody learns
that it was opened. A link is a button that shows a page; nothing happens by opening it.
"""

import re
from html import escape

from contracts.codes import Language
from services.notify.wording.compose import Letter
from services.notify.wording.frame import frame

_ADDRESS = re.compile(r"https?://\S+")

_STYLE = """
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { margin: 0; padding: 0; background: #f5f7fa; color: #1b2430; }
main { max-width: 560px; margin: 0 auto; padding: 24px 20px 40px; background: #ffffff;
  font: 18px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
h1 { font-size: 22px; line-height: 1.3; margin: 0 0 20px; }
p { margin: 0 0 16px; }
section + section { border-top: 1px solid #d8dee6; margin-top: 32px; padding-top: 28px; }
.button { display: block; min-height: 28px; padding: 12px 18px; border-radius: 6px;
  background: #0b5d73; color: #ffffff; text-align: center; text-decoration: none;
  font-weight: 650; }
.foot { margin: 28px 0 0; font-size: 15px; color: #5a6675; }
.foot a { color: #0b5d73; }
@media (prefers-color-scheme: dark) {
  body { background: #0f141a; color: #e8edf3; }
  main { background: #151b23; }
  section + section { border-color: #323d4a; }
  .button { background: #6cc0d4; color: #06222a; }
  .foot { color: #a3afbd; }
  .foot a { color: #6cc0d4; }
}
"""


def page(letters: list[Letter], stop_url: str = "") -> str:
    """Return a mail's HTML part.

    Args:
        letters: its words, in one language or in each of two.
        stop_url: where its reader says that no more mail is wanted; empty where that cannot be.
    """
    first = letters[0]
    sections = "\n".join(_section(each, rank) for rank, each in enumerate(letters, start=1))
    foot = _foot(first.language, stop_url) if stop_url else ""
    return (
        f'<!doctype html>\n<html lang="{first.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(first.subject)}</title>\n<style>{_STYLE}</style>\n</head>\n"
        f"<body>\n<main>\n{sections}\n{foot}</main>\n</body>\n</html>\n"
    )


def _section(letter: Letter, rank: int) -> str:
    level = "h1" if rank == 1 else "h2"
    heading = f"<{level}>{escape(letter.subject)}</{level}>"
    links = list(dict.fromkeys(_ADDRESS.findall(letter.text)))
    label = frame("open", letter.language)
    of = len(links)
    named = {
        link: label if of == 1 else f"{label} ({at}/{of})" for at, link in enumerate(links, start=1)
    }
    blocks = [each for each in letter.text.split("\n\n") if each.strip()]
    words = "\n".join(_block(each.splitlines(), named) for each in blocks)
    return f'<section lang="{letter.language}">\n{heading}\n{words}\n</section>'


def _block(lines: list[str], named: dict[str, str]) -> str:
    """Return a paragraph; a line that is a link stands as a button of its own."""
    made: list[str] = []
    words: list[str] = []
    for line in lines:
        if line in named:
            made.append(_paragraph(words))
            made.append(f'<p><a class="button" href="{escape(line)}">{named[line]}</a></p>')
            words = []
        else:
            words.append(_line(line, named))
    made.append(_paragraph(words))
    return "\n".join(each for each in made if each)


def _paragraph(lines: list[str]) -> str:
    return f"<p>{'<br>'.join(lines)}</p>" if lines else ""


def _line(line: str, named: dict[str, str]) -> str:
    """Return a line; a link within it is one that can be told from its words."""
    shown, at = "", 0
    for found in _ADDRESS.finditer(line):
        label = named.get(found.group(), "")
        shown += escape(line[at : found.start()])
        shown += f'<a href="{escape(found.group())}">{label}</a>'
        at = found.end()
    return shown + escape(line[at:])


def _foot(language: Language, stop_url: str) -> str:
    label = escape(frame("mail-stop", language))
    return f'<p class="foot" lang="{language}"><a href="{escape(stop_url)}">{label}</a></p>\n'
