"""The words that a carrier answers by itself, as Twilio does by default: English, alone, any case.

Other languages, and a word with more around it, are the product's to understand.
"""

from enum import Enum


class Keyword(Enum):
    """What a word asks of the carrier, with the carrier's confirmation."""

    STOP = (
        "You have successfully been unsubscribed. You will not receive any more messages from "
        "this number. Reply START to resubscribe."
    )
    START = (
        "You have successfully been re-subscribed to messages from this number. Reply HELP for "
        "help. Reply STOP to unsubscribe. Msg&Data Rates May Apply."
    )
    HELP = "Reply STOP to unsubscribe. Msg&Data Rates May Apply."


_WORDS = {
    **dict.fromkeys(
        ("STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"),
        Keyword.STOP,
    ),
    **dict.fromkeys(("START", "YES", "UNSTOP"), Keyword.START),
    **dict.fromkeys(("HELP", "INFO"), Keyword.HELP),
}


def read_keyword(body: str) -> Keyword | None:
    """The keyword that the text consists of, if it is one and nothing else."""
    return _WORDS.get(body.strip().upper())
