"""What is worked out once is worked out once for each, and stays."""

from __future__ import annotations

from storage.once import once


class Page:
    def __init__(self, text: str) -> None:
        self.text, self.counted = text, 0

    @once
    def words(self) -> list[str]:
        """The words on it."""
        self.counted += 1
        return self.text.split()


def test_it_is_worked_out_when_it_is_asked_for_and_kept() -> None:
    one, other = Page("a b"), Page("c")
    assert (one.counted, one.words, one.words, one.counted) == (0, ["a", "b"], ["a", "b"], 1)
    assert one.words is one.words
    assert (other.counted, other.words) == (0, ["c"])


def test_the_class_says_what_it_is() -> None:
    assert Page.words.__doc__ == "The words on it."
