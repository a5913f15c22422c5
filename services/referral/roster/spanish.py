"""What is wrong with a row of a roster, in Spanish, for whoever mends it."""

from services.chassis.tabular.spanish import Said, translation

_SAID: Said = (
    (r"Another user has this id\. The first was kept\.", "Otra persona ya tiene este número."),
    (r"Give each user an id of their own\.", "Dele a cada persona su propio número."),
    (r"Another row has this id\.", "Otra fila ya tiene este número."),
    (r"Give each its own id\.", "Dele a cada una su propio número."),
    (r"The organization has no name\.", "A la escuela le falta el nombre."),
    (r"Give it a name\.", "Póngale un nombre."),
    (
        r"No organization of the roster has this id\.",
        "Ninguna escuela de la lista tiene este número.",
    ),
    (
        r"Add the school to orgs\.csv, or correct the id\.",
        "Agregue la escuela a orgs.csv, o corrija el número.",
    ),
    (r"Add it to orgs\.csv, or leave this empty\.", "Agréguela a orgs.csv, o deje esto vacío."),
    (r"No student of the roster has this id\.", "Ningún alumno de la lista tiene este número."),
    (
        r"Add the student's role to roles\.csv, or correct the id\.",
        "Agregue al alumno a roles.csv, o corrija el número.",
    ),
    (r"No user of the roster has this id\.", "Nadie de la lista tiene este número."),
    (
        r"Add the student to users\.csv, or correct the id\.",
        "Agregue al alumno a users.csv, o corrija el número.",
    ),
    (r"No user that could be read has this id\.", "Nadie que se pudo leer tiene este número."),
    (
        r"Add the person to users\.csv with their name, or correct the id\.",
        "Agregue a la persona con su nombre a users.csv, o corrija el número.",
    ),
    (
        r"These two are already related\. The first row was kept\.",
        "Estas dos personas ya están unidas. Quedó la primera fila.",
    ),
    (r"Keep one row for each pair of people\.", "Deje una fila por cada par de personas."),
    (
        r"An earlier row gives another birth date\. That one was kept\.",
        "Una fila anterior da otra fecha de nacimiento. Quedó esa.",
    ),
    (r"Keep one row for each student\.", "Deje una fila por alumno."),
    (r"The user has no full name\.", "Falta el nombre o el apellido."),
    (r"Fill in given name and family name\.", "Escriba el nombre y el apellido."),
    (
        r"This cannot be a name: it holds a formula, a number or an address\.",
        "Esto no puede ser un nombre: es una fórmula, un número o una dirección.",
    ),
    (r"The name is longer than (\d+) characters\.", r"El nombre tiene más de \1 caracteres."),
    (
        r"Write the name itself\. If the cell shows one, paste it as a value, not a formula\.",
        "Escriba el nombre mismo. Si la celda lo muestra, péguelo como valor y no como fórmula.",
    ),
    (r"The flag is no code\.", "La marca no es un código."),
    (r"Write at most (\d+) characters\.", r"Escriba como máximo \1 caracteres."),
    (r"A formula failed in this cell\.", "Una fórmula falló en esta celda."),
    (r"Write the id itself into it\.", "Escriba en ella el número mismo."),
    (
        r"A spreadsheet has shortened this id, so that its last digits are lost\.",
        "Una hoja de cálculo acortó este número y se perdieron las últimas cifras.",
    ),
    (
        r"Format the column as text before opening the export, or send it unopened\.",
        "Ponga la columna como texto antes de abrir el archivo, o envíelo sin abrirlo.",
    ),
    (
        r"The roster has this child at (.+); a child with the same id attends (.+)\.",
        r"La lista pone a este alumno en \1; un alumno con el mismo número asiste a \2.",
    ),
    (
        r"If the child has changed schools, enter that as a transfer.+",
        (
            "Si el alumno cambió de escuela, ponga el traslado en el cambio de curso, o cargue "
            "antes la lista nueva de la otra escuela. Si es otro alumno, dele a cada uno su propio "
            "número en el sistema escolar."
        ),
    ),
    (
        r".+ has a row for this line, which stood for another one.+",
        "La fila corregida es de otro archivo. Se leyó la fila como está aquí.",
    ),
    (
        r"Read this export again, and mend the rows that it lists now\.",
        "Lea este archivo otra vez y corrija las filas que salgan ahora.",
    ),
    (
        r"This row does not say which line of which file it stands for\.",
        "Esta fila no dice de qué línea de qué archivo es.",
    ),
    (
        r"Leave the columns file, line and row as they were\.",
        "Deje las columnas file, line y row como estaban.",
    ),
)

in_spanish = translation(_SAID)
"""Returns what a report says of a row in Spanish; as it is where nobody has written it."""
