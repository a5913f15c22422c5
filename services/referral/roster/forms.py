"""How people write what is never stored: a table of forms, in English and Spanish. Pure.

Each line of a table is one way of saying it: a regular expression over a text without case and
accents, with single blanks and straight apostrophes. A word that has an innocent meaning too
(`ice`, `papers`, `permiso`) stands only together with what gives it away. To add a form, add a
line here and a sentence to each table of `tests/referral/test_free_text.py`: one that must warn,
and one near it that must not.
"""

from collections.abc import Mapping
from enum import StrEnum


class Never(StrEnum):
    """What is never stored, or not in words that others read.

    A concern for a child's safety is a report, with its own people and deadline; a referral's words
    go to an agency and into the family's own copy.
    """

    IMMIGRATION_STATUS = "immigration-status"
    BIRTHPLACE = "birthplace"
    SOCIAL_SECURITY_NUMBER = "social-security-number"
    CHILD_PROTECTION = "child-protection"


_MONTH = (
    "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
    "|ene|abr|ago|dic|january|enero|el |los |la |winter|spring|summer|fall"
)
_HAS_NO = r"(?:(?:has|have|had|got|with) no|without|lacks?|(?:do|does|did)(?:n't|nt| not) have)"
_NO_TIENE = (
    r"(?:no (?:\w+ ){0,2}?(?:tiene[ns]?|tengo|tenemos|tenian?|traen?|cuentan? con|hay)|sin)"
    r"(?: (?:sus|los|su|ningun|una?|ningunos))*"
)
_NEGATED = r"(?:(?:no|without|lacks?)|(?:do|does|did|has|have|had)(?:n't|nt| not))"
_SHE = (
    r"(?:mom|mother|dad|father|stepdad|stepfather|parents?|family|he|she|they|uncle|aunt|brother"
    r"|sister|grandma|grandmother|grandpa|grandfather|guardian|cousin|husband|wife|who)"
)
_SU_PAPA = (
    r"(?:(?:a |al )?(?:(?:su|el|la|mi|los|sus) )?(?:papas?|mama|padres?|madre|ti[oa]|abuel[oa]"
    r"|herman[oa]|espos[oa]|padrastro|senora?)(?: de \w+)? )?"
)
_OFFICE = r"(?:ice|immigration|border patrol|(?:la )?migra|(?:in)?migracion)"
_DE_LA_MIGRA = r"(?:la |los de (?:la )?|el )?(?:ice|migra|(?:in)?migracion)"
_FOR_SCHOOL = (
    r"(?:for|to|from|of|on|about|at|due|signed|graded|yet for|in (?:the|his|her) (?:folder|bag))\b"
)
_DE_ESCUELA = (
    r"(?:de (?:la |el )?(?:escuela|inscripcion|matricula|vacunas?|renta|tarea|permiso|reciclaje"
    r"|becas?|medico|clinica|seguro|excursion)|del|para|que|firmad[oa]s|en blanco)\b"
)
_FAR_EN = (
    r"(?:mexico|guatemala|honduras|el salvador|nicaragua|venezuela|colombia|cuba|haiti|ecuador"
    r"|peru|brazil|oaxaca|chiapas|michoacan|china|india|the philippines|vietnam|afghanistan"
    r"|ukraine|syria|yemen)\b"
)
_FAR_ES = (
    r"(?:mexico|guatemala|honduras|el salvador|nicaragua|venezuela|colombia|cuba|haiti|ecuador"
    r"|peru|brasil|oaxaca|chiapas|michoacan|guerrero|puebla|jalisco|china|la india|filipinas"
    r"|vietnam|afganistan|ucrania|siria|yemen)\b"
)

_IMMIGRATION = rf"""
# Papers: missing, bought, or being put in order.
undocumented|indocumentad[oa]s?
{_NEGATED}(?: have| got| any| (?:legal|valid|proper|immigration))* papers(?! {_FOR_SCHOOL})
{_HAS_NO}(?: any| (?:his|her|their|legal|valid|proper|immigration))* papers(?! {_FOR_SCHOOL})
{_NO_TIENE} (?:papeles|documentos)(?! {_DE_ESCUELA})
papeles (?:falsos|chuecos)|(?:fake|false) (?:papers|social)|seguro (?:social )?chueco
arregl(?:ar|a|an|o|aron|ando)(?:les|le)? (?:sus |los |unos )?papeles
(?:fix|fixing|fixed|arrange|getting) (?:his|her|their) (?:legal |immigration )?papers
# A status, in so many words.
(?:immigration|legal|migratory) status
(?:estatus|estado|situacion|condicion|calidad) (?:migratori[oa]|legal)
(?:sin|no (?:tienen?|tengo)) (?:estatus|status)
(?:not|isn'?t|aren'?t) (?:here )?legally?(?: (?:here|in|resident))
(?:not|isn'?t|aren'?t) here legal(?:ly)?
(?:illegal|unauthorized) (?:immigrant|alien|migrant)s?|illegals|inmigrantes? ilegal(?:es)?
(?:here|(?:in|to|into) (?:the|this) (?:us|u\.s\.|usa|country|states|united states)) illegally
(?:came|entered|lives?|living|works?|working|crossed(?: over)?) illegally
{_SHE} (?:is|are|was|were) (?:here )?illegal(?:ly)?(?! to)
(?:es|son|estan?|soy|somos|estamos|trabajan?) (?:aqui )?(?:de )?ilegal(?:es)?
(?:viven?|vino|vinieron|entr(?:o|aron)|cruz(?:o|aron)|trabajan?) (?:aqui )?(?:de )?ilegal(?:mente)?
(?:vin(?:o|ieron|imos|e)|lleg(?:o|aron)|pas(?:o|aron)|entr(?:o|aron)) (?:de|como) mojad[oa]s?
(?:cruz(?:o|aron)|es|son) (?:de |como |una? )?mojad[oa]s?|wetbacks?|espaldas? mojadas?
# What one may stay by.
daca|dreamers|asylum|asylees?|asilo(?! de anciano)|asilad[oa]s?|refugees?|refugiad[oa]s?
green[ -]?cards?(?! (?:game|in (?:uno|class)|for (?:good|behaviou?r)|on the behaviou?r))
tarjeta verde(?! (?:de|del|en) (?:(?:el|la) )?(?:conducta|juego|clase))
(?:permanent|legal) residen(?:ts?|cy)|residen(?:cia|tes?) (?:permanente|legal)(?:es|s)?
tps|temporary protected status|proteccion temporal|humanitarian parole|parole humanitario
work permits?(?! (?:for (?:teens|students|minors|the summer)|from (?:(?:the|his|her) )?school))
(?:employment|work) authori[sz]ation|autorizacion (?:de|para) (?:trabajo|trabajar)
permisos? (?:de|para) trabaj(?:o|ar)(?! (?:en (?:equipo|grupo|casa|el jardin)|junt))
(?:overstayed|expired|student|work|tourist|without a|no|sin|u|t) visas?(?! (?:card|debit|gift))
(?:her|his|their) visas? (?:expire[ds]?|ran out|runs out|is|was|has)
(?:su|la|sus) visas?(?: ya)?(?: se)?(?: les?)? (?:vencio|vence|vencieron|caduco)
visas? (?:vencid[oa]s?|caducad[oa]s?|expired|ran out|denied|negada|u)
visas? de (?:turista|trabajo|estudiante)
overstay(?:ed|ing|s)?
non ?-?citizens?|(?:us|u\.s\.|american) citizens?(?:hip)?
(?:not|isn'?t|aren'?t) (?:yet )?(?:an? )?citizens?
no (?:es|son|soy|somos) (?:todavia |aun )?ciudadan[oa]s?
ciudadan(?:ia|[oa]s?) (?:american|estadounidense)[a-z]*
i-?94|unaccompanied minors?|menor(?:es)? no acompanad[oa]s?
# The way here.
(?:cross(?:ed|ing|es)?|(?:came|walked) (?:over|across)|(?:caught|stopped) at) the (?:\w+ )?border
cruz(?:o|aron|amos|ar|ando) (?:la frontera|el rio|el desierto|por el (?:desierto|rio|cerro))
(?:con|a|por|al) (?:un |el )?coyotes?|smuggled (?:in|into|over|across|here)
# Whoever was taken, by which office. The word for ice alone is on every knee.
border patrol|patrulla fronteriza|la migra|los de (?:la )?(?:in)?migra(?:cion)?
{_OFFICE} has (?:his|her|their|the|him|them)
{_OFFICE} (?:took|takes|has taken|is holding|detained|arrested|picked up|came|deported)
{_OFFICE} (?:raids?|raided|agents?|officers?|custody|detention|check-?in)
{_OFFICE} (?:court|hearings?|judge|hold|proceedings)
{_OFFICE} (?:is looking for|stopped|let (?:him|her|them) go)
(?:detained|taken|taken away|arrested|held|picked up|stopped|caught|grabbed) by {_OFFICE}
(?:afraid|scared) of {_OFFICE}(?! (?:skat|cream|cub))|hiding from {_OFFICE}
{_OFFICE} (?:se (?:l[oa]s? )?llev(?:o|aron)|l[oa]s? (?:detuvo|agarro|llevo|tiene|busca))
{_OFFICE} (?:detuvo|agarro|arresto|vino|llego|tiene (?:a )?(?:su|al|detenid))
(?:detenid|arrestad|agarrad|pres|encerrad)[oa]s? (?:por|de|con|en) {_DE_LA_MIGRA}
(?:detuv(?:o|ieron)|(?:llev|arrest|agarr|par)(?:o|aron)) {_SU_PAPA}{_DE_LA_MIGRA}
(?:agentes?|corte|juez|jueza|audiencia|redadas?|centro|detencion) de (?:in)?migracion
(?:miedo a|miedo|problemas? con|cita (?:con|en)) (?:la )?(?:in)?migra(?:cion)?
(?:removal|deportation) (?:order|proceedings?|case|hearing)|orden de (?:deportacion|remocion)
deport(?:ed|ing|ations?|ad[oa]s?|acion(?:es)?|an|o|aron|ar(?:l[oa]s?|nos|me|an|on)?)
(?:lo|la|los|las) (?:regresaron|mandaron|echaron|sacaron) (?:a su pais|del pais|de este pais)
(?:sent|kicked|thrown) (?:(?:him|her|them) )?(?:back to|out of) (?:his|her|their|the) country
# A number that only some have.
(?:{_HAS_NO}|{_NO_TIENE}) (?:an? )?(?:ssn|social security number|itin)
(?:{_HAS_NO}|{_NO_TIENE}) (?:numero de )?seguro social
"""

_BIRTHPLACE = rf"""
born in (?!\d|{_MONTH}|an? |good|week|poor|late|early|the (?:hospital|car|ambulance|night|year))
born (?:over there|abroad|overseas|outside (?:of )?the (?:us|u\.s\.|country|united states))
foreign[ -]born
(?:naci|nacio|nacieron|nacimos|nacid[oa]s?) en (?!\d|{_MONTH}|un |hospital|casa|buen)
(?:naci|nacio|nacieron|nacid[oa]s?) (?:alla|del otro lado)|originari[oa]s? de|oriund[oa]s? de
(?:vienen?|vino|vinieron|vengo|llegaron|llego) (?:de|desde) {_FAR_ES}
(?:came|comes?|arrived|moved|fled|immigrated|emigrated) (?:here )?from {_FAR_EN}
(?:is|are|was) (?:an? )?(?:originally from|natives? of)
(?:es|son|soy) (?:de origen|nativ[oa]s? de)
birth ?place|(?:place|country|city) of birth|country of origin|home country|nationality
(?:lugar|pais|ciudad|estado) de nacimiento|pais de origen|nacionalidad
"""

_SOCIAL_SECURITY = r"""
(?:ssn|social security|seguro social|numero de seguro|numero social)\b\D{0,30}\d[\d -]{2,}
(?:her|his|their|my|mom's|dad's) social (?:number )?(?:is|ends in)\D{0,10}\d[\d -]{2,}
last (?:four|4) (?:digits )?of (?:his|her|their|the|mom's|dad's) (?:ssn|social)\b
"""

_CHILD_PROTECTION = r"""
(?:child|sexual(?:ly)?|physical(?:ly)?) abus(?:e|ed|es|ing)|abused (?:by|at home)|being abused
molest(?:ed|s|ing|ation)?|neglect(?:ed|s|ing)?|bruis(?:e|es|ed|ing)
{HITS} (?:him|her|them|me|the (?:child|children|kids?|boy|girl))
{HITS} (?:his|her|their|my) (?:son|daughter|child|children|kids?|brother|sister)
{HITS} by (?:his|her|their|a|the) (?:\w+ )?(?:mother|mom|father|dad|parents?|step\w*|uncle)
{HITS} by (?:his|her|their|a|the) (?:\w+ )?boyfriend
touch(?:ed|es) (?:him|her|them|me) (?:inappropriately|where)|inappropriate touching
afraid to go home|left alone (?:at home|overnight|for days)|locked (?:in|out|up)
cps|child protecti(?:ve|on)|incest|raped?|trafficked
(?:abuso|abusos) (?:sexual|fisico|infantil)(?:es|s)?|abusad[oa]s? sexualmente
abus(?:an?|o|aron) de (?:el|ella|mi|la nina|la menor)|maltrat\w+|moret(?:on|ones)|negligencia
(?:le|la|lo|les|me) (?:pegan?|pego|pegaron|golpean?|golpeo|golpearon|patean?)
tocamientos?|(?:lo|la) toc(?:a|o|aron) (?:donde|sus partes)
miedo (?:de|a) (?:ir|volver|regresar) a (?:su )?casa|sol[oa]s? en casa (?:de noche|por dias)
encerrad[oa]s?(?! (?:por|en|con) (?:la )?(?:ice|migra|(?:in)?migracion))
proteccion (?:infantil|de menores)|incesto|viol(?:o|aron|acion|ada|aba)
""".replace(
    "{HITS}",
    r"(?:hits?|hitting|beats?|beaten|beating|slap(?:s|ped)|kick(?:s|ed)|punche[sd]|chokes?d?"
    r"|whip(?:s|ped)|burn(?:s|ed|t))",
)

NUMBER = r"(?<![\d-])(?!000|666|9\d\d)\d{3}([- .])(?!00)\d{2}\1(?!0000)\d{4}(?![\d-])"
"""A social-security number by its shape: the ranges that are never given out are none."""


def _lines(table: str) -> tuple[str, ...]:
    lines = (each.strip() for each in table.splitlines())
    return tuple(each for each in lines if each and not each.startswith("#"))


FORMS: Mapping[Never, tuple[str, ...]] = {
    Never.IMMIGRATION_STATUS: _lines(_IMMIGRATION),
    Never.BIRTHPLACE: _lines(_BIRTHPLACE),
    Never.SOCIAL_SECURITY_NUMBER: _lines(_SOCIAL_SECURITY),
    Never.CHILD_PROTECTION: _lines(_CHILD_PROTECTION),
}
