"""The tables of docs/rulebook.md, made from the defaults. `python docs/rulebook_table.py` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any

from casework.sanctions import SanctionKind
from locales.catalogue import gettext
from storage.rulebook import TO_BE_CHECKED, LadderStep, Rulebook, SafetyStep
from storage.rulebook_sections import Rules

PAGE = Path(__file__).with_name("rulebook.md")
_SLOT = "<!-- {name}: made by rulebook_table.py -->\n{body}<!-- end -->"
_SLOTS = re.compile(r"<!-- (\w+): made by rulebook_table\.py -->\n.*?<!-- end -->", re.DOTALL)
_LEFT_OUT = {"version", "restriction_months"}  # the one counts, the other has a table of its own


def restriction_months() -> Iterator[str]:
    yield "| 处理处分 | Sanction | key | months | |"
    yield "|---|---|---|---:|---|"
    for kind, months in Rulebook.default().restriction_months.items():
        sanction = SanctionKind(kind)
        check = "请核对 · to be confirmed" if kind in TO_BE_CHECKED else ""
        yield f"| {sanction.chinese} | {sanction.label} | `{kind}` | {months} | {check} |"


def numbers() -> Iterator[str]:
    yield "| rule | default | what it is, and where it comes from | 说明与来源 |"
    yield "|---|---|---|---|"
    for name, value, about in _leaves(Rulebook.default(), ""):
        yield f"| `{name}` | {_shown(value)} | {about} | {gettext('zh_CN', about)} |"


def steps() -> Iterator[str]:
    yield "| step | working days from the due day | who is told | how | at |"
    yield "|---:|---:|---|---|---|"
    hours = Rulebook.default().hours
    for number, step in enumerate(Rulebook.default().ladder.steps):
        at = step.at or hours.digest_at
        yield f"| {number} | {step.offset:+d} | `{step.to}` | {step.via} | {at:%H:%M} |"


def safety() -> Iterator[str]:
    yield "| minutes after the call was opened | who is told |"
    yield "|---|---|"
    rules = Rulebook.default().safety
    for step in rules.steps:
        yield f"| {step.after_minutes} | {_shown(step.to)} |"
    yield f"| then every {rules.repeat_minutes}, for {rules.close_hours} hours | {_shown(rules.repeat_to)} |"
    yield f"| then every {rules.later_minutes}, without an end | {_shown(rules.repeat_to)} |"


def _leaves(rules: Rules, prefix: str) -> Iterator[tuple[str, Any, str]]:
    for name, field in type(rules).model_fields.items():
        value, path = getattr(rules, name), f"{prefix}{name}"
        if isinstance(value, Rules):
            yield from _leaves(value, f"{path}.")
        elif path not in _LEFT_OUT:
            yield path, value, field.description or ""


def _shown(value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, tuple):
        return (
            "see below"
            if isinstance(value[0], LadderStep | SafetyStep)
            else ", ".join(f"`{part}`" for part in value)
        )
    return str(value)


TABLES = {"months": restriction_months, "numbers": numbers, "steps": steps, "safety": safety}


def renewed(page: str) -> str:
    """The page with every table as the defaults are now."""

    def fill(slot: re.Match[str]) -> str:
        body = "".join(f"{line}\n" for line in TABLES[slot[1]]())
        return _SLOT.format(name=slot[1], body=body)

    return _SLOTS.sub(fill, page)


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
