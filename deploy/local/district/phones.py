"""Telephone numbers kept for fiction: 555-0100 to 555-0199 of any area code. Nobody has them."""

_AREAS = (*(415, 650, 408, 925, 707, 831, 916, 209, 530, 559), *(341, 628, 669, 279, 738, 818))
_EACH = 100

DEMO = tuple(f"+1510555{number:04d}" for number in range(101, 150))
"""For families that a demonstration invents; the sample's families have other area codes."""

DEMO_AGENCY = tuple(f"+1510555{number:04d}" for number in range(150, 180))
"""For people at agencies to whom a demonstration lends a number."""


def sample_phone(number: int) -> str:
    """Return the `number`-th telephone of the sample district, in E.164.

    Raises:
        IndexError: fiction has no more numbers.
    """
    return f"+1{_AREAS[number // _EACH]}555{100 + number % _EACH:04d}"
