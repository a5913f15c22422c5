"""The words by which people answer a text, bare: lower case, without accents and apostrophes.

Lists, not rules: who finds a way of saying yes that is missing adds it here and to the table of
`tests/notify/replies.py`.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


EMOJI = {
    "👍": " yes ",
    "👌": " yes ",
    "✅": " yes ",
    "✔": " yes ",
    "👎": " no ",
    "❌": " no ",
    "🙏": " gracias ",
    "❤": " gracias ",
    "💕": " gracias ",
    "💙": " gracias ",
    "😊": " gracias ",
    "🙂": " gracias ",
    "😀": " gracias ",
    "🤗": " gracias ",
    "🎉": " gracias ",
    "🆗": " ok ",
}
"""Signs that mean one thing whoever sends them; a crying face may mean anything, and stays."""

SHORT = {
    "kiero": "quiero",
    "q": "que",
    "k": "que",
    "ke": "que",
    "xq": "porque",
    "grax": "gracias",
    "grcs": "gracias",
    "thx": "thanks",
    "ty": "thanks",
    "tks": "thanks",
    "pls": "please",
    "plz": "please",
    "u": "you",
    "aki": "aqui",
    "xfa": "por favor",
    "yeah": "yes",
    "yea": "yes",
    "yep": "yes",
    "yup": "yes",
    "yess": "yes",
    "yesss": "yes",
    "sip": "si",
    "sipi": "si",
    "simon": "si",
    "nope": "no",
    "nop": "no",
    "nah": "no",
    "nel": "no",
}
"""Other spellings of one word."""

COURTESY = (
    "muchisimas gracias",
    "muchas gracias",
    "mil gracias",
    "gracias por todo",
    "gracias por preguntar",
    "gracias por su ayuda",
    "gracias por la ayuda",
    "gracias a dios",
    "thank god",
    "thank you so much",
    "thank you very much",
    "thanks so much",
    "thanks a lot",
    "thanks for asking",
    "thanks for everything",
    "thanks for your help",
    "thank you for asking",
    "thank you for everything",
    "thank you for your help",
    "thank you",
    "thanks",
    "gracias",
    "por favor",
    "porfavor",
    "porfa",
    "please",
    "buenos dias",
    "buenas tardes",
    "buenas noches",
    "good morning",
    "good afternoon",
    "good evening",
    "dios la bendiga",
    "dios le bendiga",
    "dios los bendiga",
    "god bless you",
    "god bless",
    "bendiciones",
    "que tenga buen dia",
    "buen dia",
    "have a good day",
    "have a nice day",
    "saludos",
    "buenas",
    "hola",
    "hello",
    "hi",
    "senora",
    "senorita",
    "maestra",
    "maestro",
    "miss",
    "mrs",
    "ms",
    "sir",
    "maam",
    "muy amable",
)
"""What is said around an answer, the longest first where one begins another."""

THANKS = frozenset(
    {
        "ok",
        "okay",
        "okey",
        "oki",
        "vale",
        "esta bien",
        "de acuerdo",
        "entendido",
        "enterada",
        "enterado",
        "perfecto",
        "great",
        "sounds good",
        "perfect",
        "de nada",
        "igualmente",
        "you too",
        "youre welcome",
        "recibido",
        "listo",
    }
)
"""Says that the text was read, and no more: it is no answer to a question."""

YES_HEADS = ("claro que si", "por supuesto que si", "por supuesto", "asi es", "claro", "si", "yes")
YES_ALONE = frozenset(
    {
        "ya",
        "ya si",
        "y",
        "ya quedo",
        "ya esta",
        "ya estuvo",
        "todo bien",
        "todo salio bien",
        "nos fue bien",
        "nos fue muy bien",
        "le fue bien",
        "le fue muy bien",
        "correcto",
        "afirmativo",
        "exacto",
        "of course",
        "all good",
        "all set",
        "everything is good",
        "everything went well",
        "it went well",
        "it went great",
        "we did",
        "i did",
        "got it",
        "i got it",
    }
)
YES_DEEDS = _words(
    """
    fuimos fui fue fueron llevamos lleve llevo recibimos recibi recibio atendieron atendio
    dieron dio llego llegaron ayudaron ayudo arreglaron vieron vio went got received saw
    seen helped came fixed did gave
    """
)
"""Verbs of which one makes a yes of a sentence: the help was there."""

YES_AROUND = (
    _words(
        """
    a al ahi all already claro and ayer ayuda bien clinic clinica comida con contenta
    contentos daughter de del dentist dentista doctor doctora el ella en esta este
    everything excelente excellent feliz fine food friday good great happy he help helped
    her hermano hermana hija hijas hijo hijos him his hoy i it jueves kid kids la las last
    le lentes lo los lunes martes me mi miercoles mis monday mucho muy my nice nina nino
    ninos nos our pasada pasado perfecto por que rapido really she si semana son sus su
    the they their them thursday to todo toda tuesday tutor us very viernes was wednesday
    we week weekend well went y ya yes yesterday today glasses todos super tambien too
    """
    )
    | YES_DEEDS
)
"""Words that a yes may stand among and stay one. With any other word a person reads it."""

NO_HEADS = ("al final no", "ya no", "no", "nunca", "nadie", "nobody", "no one", "never", "we", "i")
NO_ALONE = frozenset(
    {
        "para nada",
        "negativo",
        "no para nada",
        "nada",
        "nada de nada",
        "not at all",
        "no nothing",
        "nothing",
        "no not at all",
        "no nada",
    }
)
NO_DEEDS = _words(
    """
    fuimos fui fue fueron llevamos lleve llevo pudimos pude pudo recibimos recibi recibio
    atendieron atendio dieron llego llegaron llamaron llamo vino vinieron ayudaron
    contestaron contesto go went got received called came helped answered hear heard get
    make call come show showed answer
    """
)
NO_SAYS = _words("didnt couldnt wasnt")
"""Tell by themselves that it did not happen."""

NO_NOT = _words("no nunca nadie nobody never not nada nothing none") | NO_SAYS
NO_AROUND = (
    _words(
        """
    a al alli ahi appointment back be cita clinic clinica could de dentist dentista did
    doctor el ella en fin final help her him hija hijo i ir it la las le les lo los lleve
    llevarla llevarlo me mi my nos one she he son daughter the there they them to todo up
    us was we any anything ayuda ya tampoco able llegar his hers glasses lentes
    """
    )
    | NO_DEEDS
    | NO_NOT
)

NOT_YET_MARKS = (
    "todavia no",
    "todavia nada",
    "aun no",
    "aun nada",
    "no todavia",
    "no aun",
    "not yet",
    "no yet",
    "nothing yet",
    "nada todavia",
    "nada aun",
    "por el momento no",
    "por ahora no",
    "hasta ahorita no",
    "hasta ahora no",
    "not so far",
    "still waiting",
    "still nothing",
    "seguimos esperando",
    "sigo esperando",
    "estamos esperando",
    "estoy esperando",
    "todavia esperando",
    "todavia estamos esperando",
    "aun esperando",
    "aun estamos esperando",
    "no hemos",
    "no he ido",
    "no he recibido",
    "no ha llegado",
    "no han llamado",
    "no nos han",
    "no me han",
    "no lo han",
    "no la han",
    "nadie ha llamado",
    "nadie nos ha llamado",
    "nadie me ha llamado",
    "we havent",
    "i havent",
    "havent heard",
    "they havent",
    "hasnt happened yet",
)
NOT_YET_AROUND = (
    _words(
        """
    todavia aun yet still waiting esperando seguimos sigo estamos estoy hemos he ha han
    havent hasnt have has ido recibido llegado llamado atendido visto dado podido
    contactado gone been heard from happened called received seen gotten so far por ahora
    ahorita hasta momento nada que se nos comunicado respondido contestado respuesta news
    anybody anyone la llamada su for on of call word with nothing im were are am llaman
    llama atienden contestan responden
    """
    )
    | NO_AROUND
    | YES_AROUND
)
