"""Finds the sentences of the product in its Python code, for Babel.

Babel's own reader knows a call by the number of its arguments, and `P` takes the plural form or leaves it out. This
one reads the syntax tree, so it also sees both ends of `P("yes" if agreed else "no")`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import IO, Any

# Calls whose first argument is a sentence; where the second one is text too, it is the plural.
MARKERS = frozenset({
    "_", "N_", "P", "Phrase", "Term", "Grade", "Sanctioned", "Refused", "NotFound", "Conflict",
})  # fmt: skip

Found = tuple[int, str | None, str | tuple[str, str], list[str]]


def extract(
    source: IO[bytes], _keywords: Any = None, _comment_tags: Any = None, options: Any = None
) -> Iterator[Found]:
    """Babel's interface: (line, function, sentence or (sentence, plural), comments) of every marked sentence."""
    for node in ast.walk(ast.parse(source.read())):
        if isinstance(node, ast.Call) and _name(node.func) in MARKERS and node.args:
            plural = _plural(node)
            for sentence in _texts(node.args[0]):
                if plural is None:
                    yield node.lineno, None, sentence, []
                else:
                    yield node.lineno, "ngettext", (sentence, plural), []


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _plural(call: ast.Call) -> str | None:
    named = [keyword.value for keyword in call.keywords if keyword.arg == "plural"]
    second = (*call.args[1:2], *named)
    return next((text for node in second for text in _texts(node)), None)


def _texts(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
