"""Whatever a report says of a directory has its Spanish: read from the code that says it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from services.chassis import tabular
from services.partner import directory
from services.partner.directory.spanish import in_spanish

_SAYS = {"ignore", "refuse", "problem", "UnreadableValueError", "unknown", "_lost", "_refuse_file"}
_BOUND = {"what", "what_to_do", "bounds"}


def said() -> Iterator[str]:
    """Yield every sentence that is handed to a report, with 7 for what stands in its place."""
    for package in (directory, tabular):
        for path in sorted(Path(package.__file__ or "").parent.glob("*.py")):
            if path.name not in {"spanish.py", "package.py"}:
                yield from _sentences(ast.parse(path.read_text(encoding="utf-8")))


def _sentences(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)) if name in _SAYS:
                for value in (*node.args, *(each.value for each in node.keywords)):
                    yield from _texts(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if name in _BOUND:
                yield from _texts(value)
            case ast.Assign(targets=[ast.Tuple()], value=ast.Tuple(elts=values)):
                for value in values:
                    yield from _texts(value)
            case _:
                pass


def _texts(value: ast.AST) -> Iterator[str]:
    match value:
        case ast.Constant(value=str() as text) if text.endswith(".") and " " in text:
            yield text
        case ast.JoinedStr(values=parts):
            text = "".join(
                str(part.value) if isinstance(part, ast.Constant) else "7" for part in parts
            )
            if text.endswith(".") and " " in text:
                yield text
        case ast.IfExp(body=one, orelse=other):
            yield from (*_texts(one), *_texts(other))
        case _:
            pass


def test_whatever_is_said_of_a_directory_has_its_spanish() -> None:
    sentences = {
        each.replace("No 7 that", "No phone that").replace("the 7,", "the phone,")
        for each in said()
    }
    assert len(sentences) > 80
    assert sorted(each for each in sentences if in_spanish(each) == each) == []


def test_what_stands_in_a_sentence_stays_in_its_spanish() -> None:
    assert in_spanish("Write a number from -90 to 90.") == "Escriba un número de -90 a 90."
    assert "línea 12" in in_spanish("Line 12 already has this id. That one was kept.")
    assert in_spanish("Nobody has written this.") == "Nobody has written this."
