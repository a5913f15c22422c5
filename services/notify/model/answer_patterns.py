"""Sentences by which people ask for no more texts, or say that a number is not the family's.

Regular expressions over bare words, as `answers.plain` returns them.
"""

STOP_LIKE = (
    (
        r"(?:ya )?no (?:me|nos) (?:manden?|envien?|escriban?|texteen|mandes|"
        r"molesten?)(?: (?:mas|nada|por favor|mensajes|textos|texto|mensaje|"
        r"a este numero))*"
    ),
    (
        r"(?:ya )?no quiero (?:recibir )?(?:mas )?(?:estos )?(?:mensajes|"
        r"textos)(?: de (?:texto|ustedes))?"
    ),
    (
        r"(?:ya )?(?:dejen|deje|paren|pare) de (?:mandar(?:me|nos)?|enviar(?:me|nos)?|"
        r"escribir(?:me|nos)?|molestar(?:me|nos)?)(?: (?:mensajes|textos|mas))*"
    ),
    (
        r"(?:quitenme|borrenme|saquenme|quiteme|borreme|saqueme)(?: (?:de (?:la|su) lista|"
        r"mi numero))?"
    ),
    (
        r"(?:alto|basta)(?: (?:ya|mensajes|textos|de mensajes|a los mensajes|"
        r"con los mensajes))+"
    ),
    (
        r"(?:please )?(?:stop|quit) (?:texting|messaging|sending)(?: (?:me|us|messages|"
        r"texts|this number|these))*"
    ),
    r"stop (?:messages|texts|all messages|all texts|it|now|these messages|these texts)",
    (
        r"(?:do not|dont) (?:text|message|contact|write)(?: (?:me|us|to|this number|"
        r"anymore|any more|again))*"
    ),
    r"(?:remove|delete) (?:me|my number|this number)(?: from (?:your|this|the) list)?",
    r"take me off(?: (?:your|this|the) list)?",
    r"no more(?: (?:texts|messages|texting|please))?",
    (
        r"i (?:do not|dont) want (?:any more |anymore |these |to get |your )*(?:texts|"
        r"messages)"
    ),
    r"leave me alone",
    r"unsubscribe me",
)
"""Whole texts that ask for no more of them in a sentence.

Any reasonable way of saying so counts (47 CFR 64.1200(a)(10)).
"""

WRONG = (
    r"numero (?:equivocado|incorrecto|errado|equibocado)",
    r"(?:se|te) (?:equivoco|equivocaste|equivocaron) de numero",
    r"^(?:(?:usted )?(?:esta|estas|estan) )?equivocad[oa]s?$",
    r"este no es (?:el|su|mi) (?:numero|telefono) de",
    r"(?:este )?ya no es (?:el|su) (?:numero|telefono)",
    (
        r"^no soy (?!(?:la|el|de|su|una?|yo|muy|tan|buen[oa]?|feliz|capaz|legal|residente|"
        r"ciudadan[oa]|mexican[oa]|sol[oa]|cas[oa]|rico|rica|tont[oa])\b)[a-z]+$"
    ),
    r"no conozco a (?:nadie|ningun[a]?|esa|ese|ella|el\b|[a-z]+$)",
    (
        r"(?:aqui )?no (?:vive|hay|esta) (?:aqui )?(?:ningun[a]?|"
        r"nadie) (?:[a-z]+ )*(?:con ese nombre|llamad[oa]|de ese nombre)"
    ),
    r"acabo de (?:sacar|comprar|obtener|cambiar) (?:este|el|de) numero",
    r"wrong (?:number|person|phone|num)",
    r"^you(?: have| got| ve got)* the wrong$",
    (
        r"(?:this|that) (?:is not|isnt|is no longer) (?:her|his|their|[a-z]+s|"
        r"[a-z]+) (?:number|phone)"
    ),
    (
        r"^i(?: am|m) not (?!(?:sure|able|going|feeling|available|home|ready|safe|interested|"
        r"working|well|ok|okay|happy|sick|in|at|here|there|fine|good|alone|mad|done|free|legal|"
        r"comfortable|allowed|coming|driving|married|pregnant|satisfied)\b)[a-z]+$"
    ),
    (
        r"(?:i )?(?:do not|dont) know (?:any|anyone|anybody|who that|that person|her|him|"
        r"an?) ?(?:named|called|by that|is|[a-z]+)?$"
    ),
    r"(?:no|nobody|no one|anyone|anybody) (?:here )?(?:by|with|of) (?:that|this) name",
    r"new (?:owner|phone who|number who)",
    r"just got this (?:number|phone)",
)
"""Parts of a text by which whoever has the number says that it is not the family's.

A wrong guess silences a family, so what could be anything else is left to a person: `no soy`,
`I am not` and `equivocada` count as the whole text alone.
"""
