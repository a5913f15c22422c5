"""What has gone up, as the referral service tells it to a school's lead and to the district."""

from typing import Any

from tests.portal.samples import DENTAL, ago, call, row

UP: dict[str, Any] = {"site": "site-01", "urgency": "soon", "owner": "coordinator-01"}
"""What every such call says."""

_NOTHING: dict[str, Any] = {"category": None, "follow_up": None, "withheld": True}


def shown(number: int = 2, **changes: Any) -> dict[str, Any]:
    """Return a child whose follow-up has gone up to the district, which may see the need."""
    late = {"follow_up": "did-help-arrive-1", "level": "district"}
    waits = call(
        number,
        "overdue-follow-up",
        "call-family",
        ago(days=6),
        DENTAL,
        **{**UP, **late, **changes},
    )
    return row(number, "Luis P.", waits, grade="5")


def withheld(number: int = 3, level: str = "site-lead", **changes: Any) -> dict[str, Any]:
    """Return one of which neither child nor need is told."""
    waits = call(
        number,
        "overdue-follow-up",
        "call-school",
        ago(days=2),
        **{**UP, **_NOTHING, "level": level, **changes},
    )
    return {**row(number, "-", waits, grade=None), "student": None}


def told(number: int = 4, level: str = "site-lead") -> dict[str, Any]:
    """Return what was told without a consent, of a need that the reader may not see."""
    says = {**UP, **_NOTHING, "level": level, "owner": None}
    waits = call(number, "told-without-consent", "review-disclosure", ago(days=1), **says)
    return {**row(number, "-", waits, grade=None), "student": None}
