"""In which language somebody is written to: theirs, the district's choice, or both of ours."""

from contracts.codes import Language
from services.chassis.languages import Languages
from services.notify.wording.source import LANGUAGES


def written_in(languages: Languages, reads: Language) -> tuple[Language, Language | None]:
    """Return the language of the words, and a second one in which they follow.

    A language that messages exist in is kept. For another the district says which of ours its
    people read (English where it says nothing more than that it has the language); who reads one
    that the district does not know gets both, for nobody can say which of them is understood.
    """
    if reads in LANGUAGES:
        return reads, None
    if languages.get(reads) is not None:
        return languages.written_in(reads), None
    return Language.ENGLISH, Language.SPANISH
