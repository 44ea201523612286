"""What every page has in common."""

from __future__ import annotations

import pytest

from bot.pages.frame import with_whole_codes


@pytest.mark.parametrize("code", ["JA-7K3Q", "JA-7K3QXY", "T-7K3QXYZ2"])
def test_a_code_stays_on_one_line_and_is_copied_as_it_is(code: str) -> None:
    assert with_whole_codes(f"<p>张明 {code}｜谈心谈话</p>") == (
        f'<p>张明 <span class="code">{code}</span>｜谈心谈话</p>'
    )


@pytest.mark.parametrize(
    "markup",
    [
        '<input name="q" value="JA-7K3Q">',
        "<textarea>\nJA-7K3Q\n</textarea>",
        "<title>JA-7K3Q</title>",
        "<p>JA-7K3Q-1</p>",
        "<p>UTF-8, AJA-7K3Q</p>",
        '<a href="/page/?do=case&amp;query=JA-7K3Q">…</a>',
    ],
)
def test_what_a_form_sends_and_what_is_no_code_is_left_alone(markup: str) -> None:
    assert with_whole_codes(markup) == markup
