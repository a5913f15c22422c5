"""What a text of a family means, as a bilingual coordinator would read it. Pure.

A command or an answer is taken only where the whole text says it; a yes with an *if* or a *but*, a
question, and whatever else is not plain goes to the coordinator as it was written. The table that
this is held to is `tests/notify/replies.py`.
"""

import re
from collections.abc import Collection
from functools import cache

from contracts.codes import ReplyCode
from services.chassis.texted import MEANINGS, bare
from services.notify.model.answer_patterns import STOP_LIKE, WRONG
from services.notify.model.answer_words import (
    COURTESY,
    EMOJI,
    NO_ALONE,
    NO_AROUND,
    NO_DEEDS,
    NO_HEADS,
    NO_NOT,
    NO_SAYS,
    NOT_YET_AROUND,
    NOT_YET_MARKS,
    SHORT,
    THANKS,
    YES_ALONE,
    YES_AROUND,
    YES_DEEDS,
    YES_HEADS,
)

LONGEST_ANSWER = 14
"""Words of an answer; a longer text tells a story, which a person reads."""

_APOSTROPHES = re.compile("['`\u2018\u2019\u00b4]")
_SKIN_AND_SHAPE = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f\u200d]")
_STRETCHED = re.compile(r"(.)\1{2,}")
_STRETCHED_YES = re.compile(r"\b(?:si{2,}p?|yes{2,})\b")
_COMMANDS = (ReplyCode.STOP, ReplyCode.START, ReplyCode.HELP)
_STOPS = tuple(re.compile(each) for each in STOP_LIKE)
_WRONG = tuple(re.compile(rf"\b(?:{each})") for each in WRONG)
_NUMBER = re.compile(r"(?:(?:la|el|lo|de|del|numero|number|opcion|option|the|no) )*([1-9])")


def plain(text: str) -> str:
    """Return the bare words of a text, emoji as the word they stand for, one spelling of each."""
    text = _SKIN_AND_SHAPE.sub("", text)
    for sign, word in EMOJI.items():
        text = text.replace(sign, word)
    words = _STRETCHED.sub(r"\1", bare(_APOSTROPHES.sub("", text)))
    words = _STRETCHED_YES.sub(lambda found: "si" if found[0].startswith("s") else "yes", words)
    return " ".join(SHORT.get(each, each) for each in words.split())


def read_reply(text: str, asking: Collection[str] = ()) -> ReplyCode:
    """Return the meaning of a text; *other* where a person must read it.

    A command goes before everything: no word of the district's can take STOP's place.

    Args:
        text: as it came.
        asking: the words by which this district's families ask for help, bare.
    """
    words = plain(text)
    core = _without_courtesy(words)
    for each in (bare(text), core):
        if MEANINGS.get(each) in _COMMANDS:
            return MEANINGS[each]
    if any(each.fullmatch(core) for each in _STOPS):
        return ReplyCode.STOP
    question = "?" in text or "¿" in text
    if bare(text) in MEANINGS and not question:
        return MEANINGS[bare(text)]
    first = words.partition(" ")[0]
    if first and first in asking:
        return ReplyCode.NEED
    if any(each.search(words) for each in _WRONG):
        return ReplyCode.WRONG_NUMBER
    if question or len(core.split()) > LONGEST_ANSWER:
        return ReplyCode.OTHER
    if core in THANKS or (not core and _thanks(words)):
        return ReplyCode.THANKS
    return _answer(core)


def read_choice(text: str) -> tuple[ReplyCode | None, int] | None:
    """Return which of several questions a text names, and what it says of it, if it does.

    `2`, `la 2`, `2 sí`, `no 1`; None for any other text.
    """
    words = re.sub(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])", " ", plain(text))
    core = _without_courtesy(words)
    alone = _NUMBER.fullmatch(core)
    if alone and not core.startswith("no "):
        return None, int(alone[1])
    digits = [each for each in core.split() if each.isdigit()]
    if len(digits) != 1 or not _NUMBER.fullmatch(digits[0]):
        return None
    rest = " ".join(each for each in core.split() if not each.isdigit())
    rest = re.sub(
        r"^(?:la|el|lo|de|del|numero|number) | (?:la|el|lo|de|del|numero|number)$", "", rest
    )
    meaning = _answer(rest)
    return None if meaning is ReplyCode.OTHER else (meaning, int(digits[0]))


def _answer(core: str) -> ReplyCode:
    if core in MEANINGS and MEANINGS[core] not in _COMMANDS:
        return MEANINGS[core]
    tokens = core.split()
    if not tokens:
        return ReplyCode.OTHER
    if any(_says(core, each) for each in NOT_YET_MARKS) and NOT_YET_AROUND.issuperset(tokens):
        return ReplyCode.NOT_YET
    if core.removesuffix(" yes") in YES_ALONE:
        return ReplyCode.YES
    if core in NO_ALONE:
        return ReplyCode.NO
    if _is_yes(core, tokens):
        return ReplyCode.YES
    return ReplyCode.NO if _is_no(core, tokens) else ReplyCode.OTHER


def _is_yes(core: str, tokens: list[str]) -> bool:
    head = next((each for each in YES_HEADS if core == each or core.startswith(f"{each} ")), None)
    if head is not None:
        rest = core.removeprefix(head).strip()
        return rest in YES_ALONE or YES_AROUND.issuperset(rest.split())
    return not YES_DEEDS.isdisjoint(tokens) and YES_AROUND.issuperset(tokens)


def _is_no(core: str, tokens: list[str]) -> bool:
    if not NO_AROUND.issuperset(tokens) or NO_NOT.isdisjoint(tokens):
        return False
    begins = any(core.startswith(f"{each} ") for each in NO_HEADS) or not NO_SAYS.isdisjoint(tokens)
    told = NO_DEEDS | NO_SAYS
    return begins and not told.isdisjoint(tokens)


def _thanks(words: str) -> bool:
    """Tell thanks from a greeting, by which somebody begins to ask for something."""
    return any(_says(words, each) for each in ("gracias", "thanks", "thank", "bendiga", "bless"))


def _says(core: str, phrase: str) -> bool:
    return f" {phrase} " in f" {core} "


@cache
def _courtesies() -> re.Pattern[str]:
    longest = sorted(COURTESY, key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(longest)})\b")


def _without_courtesy(words: str) -> str:
    """Return what is left of an answer without greetings and thanks."""
    return " ".join(_courtesies().sub(" ", words).split())
