"""What a text means where it is one of the words that carriers or this product take as a command.

The words by which a carrier opts a number out are all here (Twilio's list and the FCC's), with
their Spanish equals. A district's own word for asking for help must be none of them.
"""

import re
import unicodedata

from contracts.codes import ReplyCode

_STOP = (
    "stop",
    "stopall",
    "stop all",
    "unsubscribe",
    "cancel",
    "end",
    "quit",
    "revoke",
    "optout",
    "opt out",
    "stop please",
    "please stop",
    "alto",
    "parar",
    "pare",
    "cancelar",
    "basta",
    "baja",
    "detener",
    "detenga",
    "no mas",
    "no mas mensajes",
    "no mas textos",
)
_START = ("start", "unstop", "alta", "inicio", "comenzar")
_YES = ("si", "yes", "si gracias", "yes thank you", "yes thanks")
_NO = ("no", "no gracias", "no thanks", "no thank you")
_NOT_YET = ("todavia no", "aun no", "no todavia", "no aun", "not yet")
_HELP = ("help", "info", "ayuda")

MEANINGS: dict[str, ReplyCode] = {
    **dict.fromkeys(_STOP, ReplyCode.STOP),
    **dict.fromkeys(_START, ReplyCode.START),
    **dict.fromkeys(_YES, ReplyCode.YES),
    **dict.fromkeys(_NO, ReplyCode.NO),
    **dict.fromkeys(_NOT_YET, ReplyCode.NOT_YET),
    **dict.fromkeys(_HELP, ReplyCode.HELP),
}
"""By the bare words of the whole text."""


def bare(text: str) -> str:
    """Return the lower-case words alone, without accents: `¡No más!` is `no mas`."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(each for each in letters if not unicodedata.combining(each))
    return " ".join(re.findall(r"\w+", plain))
