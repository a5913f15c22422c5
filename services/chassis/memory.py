"""How a service's process lets Python collect garbage."""

import gc

_YOUNG = 50_000
"""New objects until the youngest are looked at; Python's own 700 is one page of events."""

_MIDDLE, _OLD = 20, 50
"""The same for what has survived, counted in collections of the younger."""


def settle() -> None:
    """Look for garbage seldom; called once all that stays has been made.

    Events come in slices of thousands, hold no cycles and go by themselves when a slice is done.
    Looked through every 700 objects, as Python does by default, they cost a consumer a third of
    its speed (`make bench`, projection-catch-up); cycles, which clients make, wait a little longer.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
