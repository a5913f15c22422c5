"""Words that sound like danger: the family gets the emergency numbers, and a person is told. Pure.

Finer than `asking.tells_of_crisis`, which only keeps a request from being counted out: here a wrong
guess sends somebody a text about suicide. Whole expressions, not stems. The table that this is held
to is `tests/notify/replies.py`.
"""

import re

from contracts.codes import Language
from services.notify.model.answers import plain

_CHILD_ES = (
    r"(?:mi|mis|la|el|los|las|una|un|nuestr[oa]) ?(?:hij[oa]s?|nin[oa]s?|bebe|mama|herman[oa]s?)?"
)

_LOST_ES = (
    r"(?:a )?(?:mi|mis|la|el|los|las|una|un|nuestr[oa]) "
    r"(?:hij[oa]s?|nin[oa]s?|bebe|mama|herman[oa]s?)"
)

_SPANISH = (
    r"(?:me|se) tom(?:e|o) (?:\w+ )?(?:muchas|todas las|un monton de) pastillas",
    r"cort(?:e|o|arse|arme|ando|andome|andose) (?:las|sus|mis) (?:venas|munecas)",
    r"(?:me|se) esta?(?:oy)? cortando(?! el pelo)",
    r"trat(?:o|e|aba) de (?:matar(?:se|me)|quitar(?:se|me) la vida)",
    r"se ahorc\w+|ahorcar(?:se|me)|me quiero ahorcar",
    r"quisiera (?:morir(?:me)?|estar muert[oa])",
    rf"(?:violaron|violo) {_LOST_ES}",
    (
        r"me (?:pego|golpeo) (?:\w+ ){1,2}(?:mi|su|el) "
        r"(?:espos[oa]|marido|pareja|novi[oa]|papa|padrastro|ex)"
    ),
    r"suicid\w*",
    r"quit(?:arme|arse|ar) la vida",
    r"(?:ya )?no (?:quier[eo]|puedo) (?:seguir )?(?:vivir|viviendo)",
    r"(?:me|se) quier[eo] (?:morir|matar)",
    (
        r"quier[eo] (?:morir(?:me|se)?|matar(?:me|se)?)(?! de (?:risa|hambre|sueno|calor|"
        r"frio|pena))"
    ),
    r"(?:me|se) va a matar|(?:me|se) voy a matar|nos va a matar|l[oa]s? va a matar",
    r"mejor muert[oa]|sin ganas de vivir|no tengo ganas de vivir",
    (
        r"hacer(?:me|se|le|les|nos) dano|lastimar(?:me|se)|se lastima|se corta(?:ndo)?|"
        r"cortandose"
    ),
    (
        r"(?:me|nos) (?:pega|golpea|golpeo|amenaza|amenazo|maltrata|esta pegando|"
        r"esta golpeando)(?! (?:la|el|una) (?:gripa|gripe|calor|sol|tos|covid|hambre))"
    ),
    r"me pego (?:mi|su|el) (?:espos[oa]|marido|pareja|novi[oa]|papa|padrastro|ex)",
    (
        r"(?:espos[oa]|marido|pareja|novi[oa]|papa|padrastro|tio|ex) (?:\w+ ){0,2}(?:pega|"
        r"pego|golpea|golpeo|amenaza|amenazo|toca|toco|maltrata)"
    ),
    rf"(?:le|les) (?:pega|pego|golpea|golpeo|pegaron|golpearon) a {_CHILD_ES}",
    (
        r"abus(?:o|a|an|aron|ando|ada|ado|aba) (?:de|sexual|sexualmente)|(?:esta|siendo|"
        r"fue) abusad[oa]"
    ),
    r"(?:l[oa]|me) violaron|(?:l[oa]|me) violo|fue violad[oa]|violacion",
    r"(?:tiene|trae|saco|con) (?:una? )?(?:pistola|arma|cuchillo|navaja|rifle)",
    r"(?:en|corre|corren|corremos|hay) (?:mucho )?peligro",
    r"tengo miedo de (?:mi|que)|le tengo miedo a|tenemos miedo de",
    r"sobredosis|se tomo (?:muchas|todas las|un monton de) pastillas|se enveneno",
    rf"(?:no encuentro|desaparecio|se perdio|no aparece) {_LOST_ES}",
    (
        r"mi hij[oa] (?:no aparece|desaparecio|esta desaparecid[oa]|se fue de la casa|"
        r"no regreso)"
    ),
    r"secuestr\w+|no respira|no puede respirar|esta inconsciente",
    r"(?<!encias estan )(?<!encia esta )(?<!nariz esta )sangrando|sangra mucho",
    (
        r"(?<!no )(?<!si )(?:es una emergencia|es emergencia|tengo una emergencia)(?! dental)|"
        r"^emergencia$"
    ),
    (
        r"llam(?:e|en|a) (?:a la policia|al 911|una ambulancia)|policia (?:rapido|ya|"
        r"por favor)"
    ),
    r"auxilio|socorro",
)
_ENGLISH = (
    r"(?:cut|cutting|slit) (?:my|his|her|their) (?:own )?wrists?",
    r"strangl\w+|punch(?:ed|es|ing) (?:me|us|my (?:son|daughter|kids?|child))",
    r"(?:going to|gonna|will|wants to) shoot(?! (?:hoops|a video|the ball))",
    r"tried to kill (?:himself|herself|myself|themselves)",
    r"suicid\w*",
    r"kill(?:ing)? (?:myself|himself|herself|themselves)",
    r"(?:going to|gonna|wants? to|will|threat\w+ to|tried to) kill (?:me|us|him|her|my)",
    (
        r"(?:want|wants|wanted|going) to die(?! (?:of|from|laughing))|wish i was dead|"
        r"better off dead"
    ),
    r"(?:dont|does not|doesnt|do not) want to (?:live|be here anymore|be alive|wake up)",
    r"end (?:my|his|her) (?:own )?life|end it all|take (?:my|his|her) own life",
    r"(?:hurt|hurting|harm|harming|cut|cutting) (?:myself|himself|herself|themselves)",
    (
        r"(?:he|she|husband|boyfriend|dad|father|stepdad|mom|mother|uncle|partner|ex|wife|"
        r"girlfriend) (?:\w+ ){0,2}(?:hits?|beats?|hurts?|hurting|hitting|beating|"
        r"threaten\w*|choke[sd]|slapp\w+|touch(?:es|ed)) (?:me|us|my|the|her|him|our)"
        r"(?! (?:ankle|arm|leg|foot|knee|head|hand|back|tooth|teeth|finger|toe|wrist|elbow)\b)"
    ),
    (
        r"(?:hits|hit|beats|beating|hitting|threatening|threatened) (?:me|us|my (?:kids|"
        r"son|daughter|mom))"
    ),
    (
        r"(?:is|was|being|been|getting) abused|abus(?:es|ing|ed) (?:me|us|my|her|him)|"
        r"sexual abuse"
    ),
    r"raped?|molest\w*|assaulted",
    r"(?:has|have|got|with|pulled) a (?:gun|knife|weapon)|brought a gun",
    r"in danger|(?:not|dont feel|isnt|arent|doesnt feel) safe|unsafe",
    r"(?:afraid|scared|terrified) of (?:my|him|her|what he)",
    (
        r"overdos\w*|(?:took|taken|swallowed) (?:all|too many|a lot of|"
        r"a bunch of)(?: \w+){0,2} pills"
    ),
    r"(?:cant|cannot) find my (?:son|daughter|child|kid|baby)",
    (
        r"(?:my|our) (?:son|daughter|child|kid|baby) (?:is |has been |went )?missing"
        r"(?! (?:\w+ )?(?:class|classes|school|days?|work|assignments?|homework|a|an|his|her|the|"
        r"some)\b)|ran away"
    ),
    (
        r"kidnap\w*|(?:not|isnt|cant|cannot) breath(?:e|ing)|unconscious|"
        r"(?<!gums are )(?<!gum is )(?<!nose is )bleeding"
    ),
    r"(?<!not )(?<!if it is )(?<!if this is )(?<!if its )an emergency|^emergency(?: please)?$",
    (
        r"call (?:911|the police|an ambulance)|need (?:the police|an ambulance)|(?:need|"
        r"help) 911"
    ),
)
_BOTH = (r"(?<!\d )\b(?:911|988)\b(?! \d)",)
_FINDS = {
    Language.SPANISH: re.compile(rf"\b(?:{'|'.join(_SPANISH)})\b"),
    Language.ENGLISH: re.compile(rf"\b(?:{'|'.join(_ENGLISH)})\b"),
}
_NO_ALARM = re.compile(r"if (?:this|it) ?(?:is|s) an emergency(?: \w+){0,3} (?:911|nine one one)")
"""What telephones answer by themselves: to answer it would begin a talk without an end."""
_NUMBERS = re.compile("|".join(_BOTH))
_SPANISH_SIGNS = re.compile(
    r"\b(?:el|la|los|mi|me|por|favor|que|no se|esta|llame|ayuda|necesito|hija|hijo)\b"
)


def crisis_in(text: str) -> Language | None:
    """Return the language in which a text speaks of danger; None where it does not.

    A keypad's 911 or 988 counts too, in the language of the words around it.
    """
    words = _NO_ALARM.sub(" ", plain(text))
    for language, finds in _FINDS.items():
        if finds.search(words):
            return language
    if _NUMBERS.search(words):
        return Language.SPANISH if _SPANISH_SIGNS.search(words) else Language.ENGLISH
    return None
