"""Every conversation that is kept, by the name of its file."""

from __future__ import annotations

from tests.golden.follow_up import FOLLOW_UP
from tests.golden.notes import NOTES
from tests.golden.people import PEOPLE
from tests.golden.steps import LANGUAGES, Script

__all__ = ["LANGUAGES", "SCRIPTS"]

SCRIPTS: dict[str, Script] = {**NOTES, **FOLLOW_UP, **PEOPLE}
