"""Faults planted on purpose, one at a time, in a copy of the tree: the tests have to turn red. `make sabotage`."""

from __future__ import annotations

from tests.sabotage import owing, pages, sending, telling, timing

FAULTS = (*owing.FAULTS, *pages.FAULTS, *sending.FAULTS, *telling.FAULTS, *timing.FAULTS)
