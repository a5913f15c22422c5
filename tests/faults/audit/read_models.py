"""Read models: the kept ones against the same made anew from the log, documents and counts."""

from collections.abc import Iterator

from tests.faults.seen import Finding, ReadModel, Seen, duplicated, lost


def check_read_models(seen: Seen) -> Iterator[Finding]:
    """Hold every read model to what a rebuild from nothing would make of it."""
    for model in seen.read_models:
        yield from _check_documents(model)
        yield from _check_counts(model)


def _check_documents(model: ReadModel) -> Iterator[Finding]:
    for id in model.folded.keys() - model.kept.keys():
        yield lost(f"{model.name} lacks a document", id)
    for id in model.kept.keys() - model.folded.keys():
        yield duplicated(f"{model.name} has a document that no event made", id)
    for id in model.folded.keys() & model.kept.keys():
        if model.folded[id] != model.kept[id]:
            wrong = sorted(
                section
                for section in model.folded[id].keys() | model.kept[id].keys()
                if model.folded[id].get(section) != model.kept[id].get(section)
            )
            yield lost(f"{model.name} differs from its rebuild", id, ", ".join(wrong))


def _check_counts(model: ReadModel) -> Iterator[Finding]:
    for name in sorted(model.recounted.keys() | model.counted.keys()):
        kept, right = model.counted.get(name, 0), model.recounted.get(name, 0)
        detail = f"{kept}, a recount makes {right}"
        if kept < right:
            yield lost(f"{model.name} counts too little", name, detail)
        elif kept > right:
            yield duplicated(f"{model.name} counts too much", name, detail)
