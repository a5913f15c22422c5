"""What is wrong with a directory, in Spanish, for whoever mends it."""

from services.chassis.tabular.spanish import Said, translation

_RECORDS = {
    "organization": "organización",
    "program": "programa",
    "service": "servicio",
    "location": "lugar",
    "service at location": "servicio en un lugar",
    "contact": "contacto",
    "phone": "teléfono",
    "term": "término",
    "record": "registro",
}

_SAID: Said = (
    *(
        (rf"No {en} of this package has this id\.", f"El paquete no tiene {es} con este id.")
        for en, es in _RECORDS.items()
    ),
    *(
        (
            rf"No {en} that could be read has this id\.",
            f"No se pudo leer ningún registro de {es} con este id.",
        )
        for en, es in _RECORDS.items()
    ),
    *(
        (rf"Add the {en}, or correct the id\.", f"Agregue el registro de {es} o corrija el id.")
        for en, es in _RECORDS.items()
    ),
    *(
        (
            rf"Add the {en}, or leave this empty\.",
            f"Agregue {es} o deje esto vacío.",
        )
        for en, es in _RECORDS.items()
    ),
    *(
        (rf"The {en} has no name\.", f"Al registro de {es} le falta el nombre.")
        for en, es in _RECORDS.items()
    ),
    (r"Give it the name it goes by\.", "Póngale el nombre con que se conoce."),
    (r"Give it a name\.", "Póngale un nombre."),
    (
        r"Add the parent organization, or leave this empty\.",
        "Agregue la organización superior o deje esto vacío.",
    ),
    (
        r"The organizations above this one lead back to it\.",
        "Las organizaciones por encima de esta llevan de vuelta a ella.",
    ),
    (
        r"The terms above this one lead back to it\.",
        "Los términos por encima de este llevan de vuelta a él.",
    ),
    (r"Give the topmost of them no parent\.", "Deje el de más arriba sin superior."),
    (r"Correct the id, or leave it empty\.", "Corrija el id o déjelo vacío."),
    (r"Correct the id, or remove the row\.", "Corrija el id o quite la fila."),
    (r"Export plain text\.", "Exporte texto sin formato."),
    (
        r"Fill in the id of the organization, service or location that it belongs to\.",
        "Escriba el id de la organización, el servicio o el lugar al que pertenece.",
    ),
    (r"Give each row an id of its own\.", "Dele a cada fila su propio id."),
    (
        r"Line (\d+) already has this id\. That one was kept\.",
        r"La línea \1 ya tiene este id. Quedó esa.",
    ),
    (r"It closes before it opens\.", "Cierra antes de abrir."),
    (
        r"Write pm where it is meant; if it is open overnight, give the hours of each day\.",
        "Escriba pm donde corresponda; si abre de noche, dé las horas de cada día.",
    ),
    (
        r"The location of the service belongs to no organization of this package\.",
        "El lugar del servicio no es de ninguna organización de este paquete.",
    ),
    (
        r"Correct organization_id in locations\.csv, line (\d+)\.",
        r"Corrija organization_id en locations.csv, línea \1.",
    ),
    (
        r"The service names no location of this package, so its organization is unknown\.",
        "El servicio no nombra ningún lugar de este paquete: falta su organización.",
    ),
    (
        r"Add the location to locations\.csv, or correct the id\.",
        "Agregue el lugar a locations.csv o corrija el id.",
    ),
    (
        r"The service names no organization of this package, so nobody would answer for it\.",
        "El servicio no nombra ninguna organización de este paquete: nadie respondería por él.",
    ),
    (
        r"The row belongs to nothing in this package\.",
        "La fila no pertenece a nada del paquete.",
    ),
    (
        r"The value holds HTML\. Its words were kept, its markup was left out\.",
        "El valor trae HTML. Se guardaron las palabras y se quitaron las marcas.",
    ),
    (r"This is no language code\.", "Esto no es un código de idioma."),
    (
        r"Write an ISO 639 code, such as es or vi\.",
        "Escriba un código ISO 639, como es o vi.",
    ),
    (
        r"0, 0 lies in the ocean; it stands for no place\.",
        "0, 0 está en el océano: no es ningún lugar.",
    ),
    (r"Leave both empty\.", "Deje las dos vacías."),
    (r"A coordinate alone is no place\.", "Una sola coordenada no es un lugar."),
    (r"Give latitude and longitude\.", "Dé latitud y longitud."),
    (r"It is below the minimum age\.", "Es menor que la edad mínima."),
    (
        r"Correct one of the two; both in years\.",
        "Corrija una de las dos; ambas en años.",
    ),
    (r"These are not days of the week\.", "Esto no son días de la semana."),
    (
        r"Write them as MO,TU,WE,TH,FR,SA,SU\.",
        "Escríbalos como MO,TU,WE,TH,FR,SA,SU.",
    ),
    (r"These are not days of a month\.", "Esto no son días del mes."),
    (r"Write numbers from 1 to 31\.", "Escriba números del 1 al 31."),
    (r"This is no known frequency\.", "Esta frecuencia no se conoce."),
    (r"Write WEEKLY or MONTHLY\.", "Escriba WEEKLY o MONTHLY."),
    (r"This is no known status\.", "Este estado no se conoce."),
    (r"This is no kind of location\.", "Este tipo de lugar no se conoce."),
    (r"Write one of (.+)\.", r"Escriba uno de estos: \1."),
    (r"The last day is before the first\.", "El último día es anterior al primero."),
    (r"Correct one of the dates\.", "Corrija una de las fechas."),
    (r"Correct the dates\.", "Corrija las fechas."),
    (r"The address is empty\.", "La dirección está vacía."),
    (r"Fill it in, or remove the row\.", "Complétela o quite la fila."),
    (r"The document has no name\.", "Al documento le falta el nombre."),
    (r"Say what people are to bring\.", "Diga qué se debe traer."),
    (r"The option is empty\.", "La opción de costo está vacía."),
    (r"Say what is to be paid\.", "Diga qué se paga."),
    (r"The contact is empty\.", "El contacto está vacío."),
    (r"Say whom to ask for\.", "Diga por quién hay que preguntar."),
    (r"The row names no language\.", "La fila no nombra ningún idioma."),
    (r"Fill in the name or the code\.", "Escriba el nombre o el código."),
    (r"There is no number\.", "Falta el número."),
    (r"Fill in the number\.", "Escriba el número."),
    (r"It is not known which days are meant\.", "No se sabe de qué días se trata."),
    (r"Give both dates\.", "Dé las dos fechas."),
    (r"The records are nested too deeply\.", "Los registros están anidados demasiado adentro."),
    (r"The records are nested without end\.", "Los registros están anidados sin fin."),
    (r"A list of records is expected here\.", "Aquí se espera una lista de registros."),
    (r"A record is expected here\.", "Aquí se espera un registro."),
    (r"A single value is expected here\.", "Aquí se espera un solo valor."),
    (
        r"The value contains characters that are none\.",
        "El valor contiene caracteres que no lo son.",
    ),
    (r"Export the file again as HSDS 3\.0\.", "Exporte el archivo otra vez como HSDS 3.0."),
    (r"The file is larger than (\d+) MB\.", r"El archivo ocupa más de \1 MB."),
    (
        r"Export it in pages \(as a list with `contents`\), one file a page\.",
        "Expórtelo en páginas (como lista con `contents`), un archivo por página.",
    ),
    (r"This is not JSON: .+", "Esto no es JSON."),
    (
        r"Export the file again; it may have been cut off\.",
        "Exporte el archivo otra vez; puede estar cortado.",
    ),
    (
        r"A key stands twice in one record\. Only the last was read\.",
        "Una clave aparece dos veces en un registro. Solo se leyó la última.",
    ),
    (r"Remove one of the two\.", "Quite una de las dos."),
    (
        r"It is not clear what kind of record this is\.",
        "No está claro qué tipo de registro es.",
    ),
    (
        r"Name the file after what it holds, such as services\.json\.",
        "Dele al archivo el nombre de lo que contiene, como services.json.",
    ),
    (r"The file is missing from the package\.", "Falta el archivo en el paquete."),
    (
        r"Export it too; what refers to it was refused\.",
        "Expórtelo también; lo que se refiere a él no se tomó.",
    ),
    (
        r"Only (\d+) of (\d+) pages of this list are in the package\.",
        r"El paquete trae solo \1 de las \2 páginas de esta lista.",
    ),
    (
        r"Put all pages into the package, one file each, and send it again\.",
        "Ponga todas las páginas en el paquete, una por archivo, y envíelo otra vez.",
    ),
    (
        r"The same record says otherwise in (.+), line (\d+)\.",
        r"El mismo registro dice otra cosa en \1, línea \2.",
    ),
    (
        r"Export all files of the package at one time\.",
        "Exporte todos los archivos del paquete a la vez.",
    ),
)

in_spanish = translation(_SAID)
"""Returns what a report says of a directory in Spanish; as it is where nobody has written it."""
