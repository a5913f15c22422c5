"""What a run has found, as JSON for machines and as Markdown for people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

AT_LEAST, AT_MOST = "at least", "at most"


@dataclass(frozen=True, slots=True)
class Figure:
    """One side of a comparison: its medians over the rounds, and each round's own figure."""

    name: str
    value: float
    rounds: tuple[float, ...] = ()


@dataclass(slots=True)
class Result:
    """One comparison.

    Attributes:
        name: in kebab case.
        what: one sentence.
        unit: of the figures.
        ours: what Enlace does.
        other: the peer or the limit that it stands beside; None where it could not be had.
        ratio: ours by other, median over the rounds of each round's own ratio.
        goal: what the ratio should be; None where it is shown for orientation.
        direction: whether the goal is a floor or a ceiling.
        kind: `peer`, `limit` or `parts`.
        notes: what a reader must know to trust it.
    """

    name: str
    what: str
    unit: str
    ours: Figure
    other: Figure | None
    ratio: float | None
    goal: float | None
    direction: str
    kind: str
    notes: list[str] = field(default_factory=list)

    @property
    def met(self) -> bool | None:
        """Whether the goal was reached; None where there is none, or nothing to compare with."""
        if self.ratio is None or self.goal is None:
            return None
        return self.ratio >= self.goal if self.direction == AT_LEAST else self.ratio <= self.goal


def write(
    folder: Path, machine: Mapping[str, str], results: Sequence[Result], *, short: bool
) -> str:
    """Write `results.json` and `results.md`; return the Markdown."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = [{**asdict(result), "met": result.met} for result in results]
    document = {"short": short, "machine": dict(machine), "results": rows}
    (folder / "results.json").write_text(json.dumps(document, indent=2) + "\n")
    text = _markdown(machine, results, short=short)
    (folder / "results.md").write_text(text)
    return text


def _markdown(machine: Mapping[str, str], results: Sequence[Result], *, short: bool) -> str:
    lines = ["# Benchmarks", ""]
    if short:
        lines += ["Short form: it shows that everything runs; its figures mean nothing.", ""]
    lines += [f"- {name}: {value}" for name, value in machine.items()]
    lines += [
        "",
        "| name | ours | beside | ratio | goal | met |",
        "|---|---|---|---|---|---|",
    ]
    for result in results:
        judged = result.met if not short else None
        met = {None: "", True: "yes", False: "**no**"}[judged]
        goal = "" if result.goal is None or short else f"{result.direction} {result.goal:g}"
        ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
        lines.append(
            f"| {result.name} | {_figure(result.ours, result.unit)} | "
            f"{_figure(result.other, result.unit)} | {ratio} | {goal} | {met} |"
        )
    for result in results:
        lines += ["", f"**{result.name}**: {result.what}", *(f"- {note}" for note in result.notes)]
    return "\n".join(lines) + "\n"


def _figure(figure: Figure | None, unit: str) -> str:
    if figure is None:
        return "not available"
    digits = 0 if figure.value >= 100 else 2
    return f"{figure.name}: {figure.value:,.{digits}f} {unit}"
