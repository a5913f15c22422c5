"""Names for people who do not exist, put together from short lists of our own."""

from contracts.codes import Language

GIVEN: dict[Language, tuple[str, ...]] = {
    Language.SPANISH: (
        *("Alma", "Brisa", "Camilo", "Dalia", "Efraín", "Fermín", "Gisela", "Horacio", "Inés"),
        *("Joaquín", "Luz", "Marisol", "Nayeli", "Octavio", "Paloma", "Renata", "Saúl", "Tadeo"),
        *("Ximena", "Yadira", "Zulema", "Abril", "Baltazar", "Citlali", "Damián", "Estela"),
    ),
    Language.ENGLISH: (
        *("Ada", "Briar", "Cora", "Dexter", "Ellis", "Fern", "Gideon", "Hazel", "Ivo", "Juno"),
        *("Kit", "Linden", "Maeve", "Nolan", "Opal", "Percy", "Quinn", "Rowan", "Sable", "Tobin"),
        *("Una", "Vance", "Wren", "Xander", "Yara", "Zadie", "Amari", "Beckett", "Imani"),
    ),
    Language.TAGALOG: (
        *("Amihan", "Bituin", "Dalisay", "Gabo", "Hiraya", "Isagani", "Ligaya", "Makisig"),
        *("Mayumi", "Nenita", "Ramil", "Tala", "Urduja", "Rizalino"),
    ),
    Language.VIETNAMESE: (
        *("An", "Bao", "Chi", "Dung", "Giang", "Hanh", "Khoa", "Lan", "Minh", "Nga", "Phuc"),
        *("Quyen", "Thao", "Vinh"),
    ),
}

FAMILY: dict[Language, tuple[str, ...]] = {
    Language.SPANISH: (
        *("Arroyoseco", "Barrancas", "Campoverde", "Delaluna", "Encinales", "Fuentenueva"),
        *("Granadilla", "Huertalinda", "Jacarandas", "Lomasaltas", "Montesol", "Nopalera"),
        *("Olivares-Luz", "Piedraclara", "Quebrada", "Riveranueva", "Solterra", "Torrealba"),
        *("Valdesierra", "Zarzamora"),
    ),
    Language.ENGLISH: (
        *("Applewhistle", "Birchmoor", "Cloverdale", "Dunnfield", "Eastwick", "Fairbrook"),
        *("Gullmere", "Hartsong", "Inglewright", "Jessamine", "Kettleby", "Larkhill"),
        *("Merriwood", "Northcutt", "Oakhollow", "Pennyfeather", "Quillby", "Rushbrook"),
        *("Stonecroft", "Thistledown", "Underhill", "Wexcombe"),
    ),
    Language.TAGALOG: (
        *("Bayanihan", "Dalampasigan", "Kaliwanagan", "Magsaysayan", "Punongkahoy", "Silangan"),
        "Tagumpayan",
    ),
    Language.VIETNAMESE: ("Anhduong", "Binhminh", "Hoasen", "Maivang", "Songxanh", "Trucxanh"),
}

STAFF_GIVEN = (
    *("Araceli", "Benedict", "Corinne", "Desmond", "Elvira", "Franklin", "Guadalupe", "Harriet"),
    *("Ignacio", "Josephine", "Kofi", "Leticia", "Maurice", "Noemi", "Oswald", "Priscilla"),
    *("Ramona", "Sterling", "Trinidad", "Ursula", "Violeta", "Winston"),
)
STAFF_FAMILY = (
    *("Ashgrove", "Bellamonte", "Castlewood", "Dovetail", "Elmhurst", "Foxglove", "Gatehouse"),
    *("Highwater", "Ironbridge", "Juniperro", "Kingsbarn", "Lightfoot", "Millrace", "Nightjar"),
    *("Orchardson", "Palmerose", "Ridgewell", "Silverlake", "Tidewater", "Vinehill"),
)
