"""What reports say of files, in Spanish, for whoever mends them.

A report is written in English where a file is read, and told in both languages.
"""

import re
from collections.abc import Callable

Said = tuple[tuple[str, str], ...]
"""Patterns of what is said, each with its Spanish, in which `\\1` is the pattern's first group."""

_ANYWHERE: Said = (
    (r"The row has no id\.", "A la fila le falta el número."),
    (r"Give it an id that never changes\.", "Dele un número que nunca cambie."),
    (
        r"The id is too long or holds characters that cannot be printed\.",
        "El número es demasiado largo o tiene caracteres que no se pueden imprimir.",
    ),
    (
        r"Give the row an id of at most 255 printable characters\.",
        "Dele a la fila un número de 255 caracteres como máximo.",
    ),
    (r"This is not a date\.", "Esto no es una fecha."),
    (
        r"Write it as year-month-day: 2026-09-01\.",
        "Escríbala como año-mes-día: 2026-09-01.",
    ),
    (r"The year is a placeholder, not a date\.", "El año no es real."),
    (r"Write the real year, or leave it empty\.", "Escriba el año real, o déjelo vacío."),
    (r"This is not one email address\.", "Esto no es una dirección de correo."),
    (
        r"Write one address, such as office@example\.org\.",
        "Escriba una dirección, como office@example.org.",
    ),
    (r"No such phone number exists\.", "Este número de teléfono no existe."),
    (
        r"Write it with area code, such as 650 253 0000, or with \+ and the country code\.",
        "Escríbalo con código de área, como 650 253 0000, o con + y el código del país.",
    ),
    (r"This is neither yes nor no\.", "Esto no es ni sí ni no."),
    (r"Write true or false\.", "Escriba true o false."),
    (
        r"The row has (\d+) values, but the heading has (\d+) columns\.",
        r"La fila tiene \1 valores, pero el encabezado tiene \2 columnas.",
    ),
    (
        r"Put quotes around values that contain the separator\.",
        "Ponga entre comillas los valores que contienen el separador.",
    ),
    (
        r"The quotes do not match; lines (\d+) to (\d+) were lost\.",
        r"Las comillas no cierran; se perdieron las líneas \1 a \2.",
    ),
    (
        r"Write a quote inside a value as two quotes \(\"\"\), and close each value\.",
        'Escriba una comilla dentro de un valor como dos (""), y cierre cada valor.',
    ),
    (
        r"The file is not saved as UTF-8\. It was read as Windows-1252\.",
        "El archivo no está guardado como UTF-8. Se leyó como Windows-1252.",
    ),
    (
        r"Check the accented letters, or save it as “CSV UTF-8” and send it again\.",
        "Revise los acentos, o guárdelo como “CSV UTF-8” y envíelo otra vez.",
    ),
    (
        r"The heading has no column (.+), so no row of it was read\.",
        r"Al encabezado le falta la columna \1: no se leyó ninguna fila.",
    ),
    (
        r"Give the first line these column names, separated by commas\.",
        "Ponga en la primera línea estos nombres de columna, separados por comas.",
    ),
    (r"The file is empty\.", "El archivo está vacío."),
    (r"Export it again, or leave it out\.", "Expórtelo otra vez o quítelo."),
    (r"The first line is no heading\.", "La primera línea no es un encabezado."),
    (r"Start with column names\.", "Empiece con los nombres de las columnas."),
    (
        r"Two columns have this name\. Only the first was read\.",
        "Dos columnas tienen este nombre. Solo se leyó la primera.",
    ),
    (r"Rename or remove the second column\.", "Cambie el nombre de la segunda columna o quítela."),
    (r"A value is longer than ([\d,]+) characters\.", r"Un valor tiene más de \1 caracteres."),
    (
        r"The value contains a NUL byte, so it is damaged\.",
        "El valor contiene un byte NUL: está dañado.",
    ),
    (r"Export the file again\.", "Exporte el archivo otra vez."),
    (
        r"The line is longer than a million characters\.",
        "La línea tiene más de un millón de caracteres.",
    ),
    (
        r"Look at this line in a text editor; its quotes or line ends are lost\.",
        "Mire esta línea en un editor de texto; perdió las comillas o los saltos de línea.",
    ),
    (r"This is not a time of day\.", "Esto no es una hora."),
    (r"Write it as 09:00 or 5:30 pm\.", "Escríbala como 09:00 o 5:30 pm."),
    (r"This is not a web address\.", "Esto no es una dirección web."),
    (
        r"Write it in full, such as https://example\.org\.",
        "Escríbala completa, como https://example.org.",
    ),
    (r"This is not a number\.", "Esto no es un número."),
    (r"This number cannot be right\.", "Este número no puede ser correcto."),
    (r"Write a number from (\S+) to (\S+)\.", r"Escriba un número de \1 a \2."),
)
"""Whatever the files are of."""


def translation(said: Said) -> Callable[[str], str]:
    """Return what puts a report's words into Spanish; what nobody has written stays as it is."""
    patterns = tuple((re.compile(each), es) for each, es in (*said, *_ANYWHERE))

    def in_spanish(text: str) -> str:
        for pattern, es in patterns:
            found = pattern.fullmatch(text)
            if found is not None:
                return found.expand(es) if "\\" in es else es
        return text

    return in_spanish
