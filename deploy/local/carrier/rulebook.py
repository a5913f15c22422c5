"""The rules in force with what is left of each, kept in SQLite so that a restart keeps them."""

import sqlite3
from collections.abc import Sequence

from deploy.local.carrier.database import transaction
from deploy.local.carrier.rules import RULE, Effects, Of, Rule, choose


class Rulebook:
    """Reads, replaces and uses up rules."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def replace(self, rules: Sequence[Rule]) -> None:
        """Take these rules instead of all others."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM rules")
            self._connection.executemany(
                "INSERT INTO rules (position, document, remaining) VALUES (?, ?, ?)",
                [
                    (position, rule.model_dump_json(), rule.times)
                    for position, rule in enumerate(rules)
                ],
            )

    def listed(self) -> list[tuple[Rule, int | None]]:
        """Every rule with how often it still applies; None is for ever."""
        rows = self._connection.execute("SELECT * FROM rules ORDER BY position")
        return [(RULE.validate_json(row["document"]), row["remaining"]) for row in rows]

    def use(self, of: Of, phone: str, body: str) -> Effects:
        """The effects on one text; call it in the transaction that accepts or refuses the text."""
        rows = self._connection.execute(
            "SELECT * FROM rules WHERE remaining IS NULL OR remaining > 0 ORDER BY position"
        )
        rules = [(int(row["position"]), RULE.validate_json(row["document"])) for row in rows]
        effects, used = choose(rules, of, phone, body)
        self._connection.executemany(
            "UPDATE rules SET remaining = remaining - 1 WHERE position = ?",
            [(position,) for position in used],
        )
        return effects
