"""How much one unit of work takes on: as much as fits into its time, going by how long the last one took.

What runs in slices holds SQLite's only writer for as long as a slice takes, and whoever talks to the assistant waits
behind it. How long that is depends on the machine and on what else it does, so it is measured and not assumed.
"""

from __future__ import annotations

from dataclasses import dataclass

# A slice is at most so many times larger, or smaller, than the last: one that was slow by chance is no rule.
_AT_ONCE = 2.0


@dataclass
class Slices:
    """`seconds` a slice may take; of `least` to `most` things. `size` is how many the next one takes on."""

    seconds: float
    size: int
    least: int
    most: int

    def took(self, done: int, seconds: float) -> None:
        """A slice of so many things took so long. One that found less than it could take says only that it is not too
        slow."""
        if done < self.size and seconds <= self.seconds:
            return
        fits = self.seconds / max(seconds, self.seconds / _AT_ONCE)
        self.size = min(max(round(done * max(fits, 1 / _AT_ONCE)), self.least), self.most)
