"""Whoever changes a module finds its tests at once: in the test file of its name, or where this table says."""

from __future__ import annotations

import pytest

from tests.house.rules import ROOT, sources

SHORT = 20  # a module of so few lines is read faster than its test would be

# A module or a folder of modules, and what exercises it. The first row that fits counts.
ELSEWHERE = (
    ("casework/documents/filled_book.py", "tests/documents/test_form_book.py"),
    ("casework/forms/conditions.py", "tests/documents/test_form_book.py"),
    ("bot/pages/brought_in.py", "tests/story/test_form_book.py"),
    ("bot/pages/book_routes.py", "tests/story/test_form_book.py"),
    ("bot/demo_matters.py", "tests/bot/test_demo.py"),
    ("bot/sent_book.py", "tests/story/test_sent_book.py"),
    ("storage/tables/", "tests/house/test_migrations.py"),
    ("storage/schema.py", "tests/house/test_migrations.py"),
    ("storage/audit.py", "tests/casework/test_visits.py"),
    ("storage/errors.py", "tests/casework/test_people.py"),
    ("storage/prepared.py", "tests/reminders/test_outbox.py"),
    ("storage/rulebook_sections.py", "tests/storage/test_rulebook.py"),
    ("storage/rulebook_cadence.py", "tests/storage/test_rulebook.py"),
    ("storage/rulebook_formal.py", "tests/storage/test_rulebook.py"),
    ("storage/rulebook_drift.py", "tests/casework/test_drift.py"),
    ("storage/engine.py", "tests/storage/test_lane.py"),
    ("storage/together.py", "tests/storage/test_lane.py"),
    ("storage/queries/visits.py", "tests/casework/test_visits.py"),
    ("storage/queries/heads.py", "tests/storage/test_access.py"),
    ("storage/queries/case_heads.py", "tests/casework/test_case_heads.py"),
    ("storage/queries/leaves.py", "tests/reminders/test_leave.py"),
    ("storage/queries/recusals.py", "tests/casework/test_recusals.py"),
    ("storage/queries/confirmations.py", "tests/reminders/test_confirming.py"),
    ("storage/queries/media.py", "tests/story/test_photo.py"),
    ("storage/queries/units.py", "tests/commands/test_opinion.py"),
    ("storage/queries/notes.py", "tests/casework/test_amendments.py"),
    ("storage/queries/own.py", "tests/story/test_contact_me.py"),
    ("storage/queries/calls.py", "tests/reminders/test_calls.py"),
    ("reminders/mechanism.py", "tests/reminders/test_schedule.py"),
    ("bot/calendar_words.py", "tests/bot/test_cli_calendar.py"),
    ("bot/outbox_words.py", "tests/bot/test_outbox_cli.py"),
    ("bot/replies.py", "tests/story/test_delivery.py"),
    ("bot/commands/health.py", "tests/story/test_health.py"),
    ("bot/commands/calendar.py", "tests/story/test_calendar.py"),
    ("bot/causes.py", "tests/commands/test_why_of_a_notice.py"),
    ("bot/explaining.py", "tests/commands/test_why.py"),
    ("bot/due_days.py", "tests/commands/test_why_of_a_notice.py"),
    ("reminders/taking_back.py", "tests/story/test_traces.py"),
    ("reminders/makers.py", "tests/commands/test_review.py"),
    ("storage/queries/offices.py", "tests/commands/test_review.py"),
    ("bot/commands/case_review.py", "tests/commands/test_review.py"),
    ("reminders/claiming.py", "tests/reminders/test_outbox.py"),
    ("reminders/asking.py", "tests/story/test_asking.py"),
    ("bot/moving.py", "tests/story/test_asking.py"),
    ("reminders/telling.py", "tests/reminders/test_ladder.py"),
    ("reminders/reopening.py", "tests/casework/test_misfiled.py"),
    ("reminders/foreseen.py", "tests/reminders/test_confirming.py"),
    ("reminders/course.py", "tests/reminders/test_schedule.py"),
    ("reminders/scheduler.py", "tests/bot/test_cli.py"),
    ("reminders/lived.py", "tests/story/test_restored.py"),
    ("casework/lateness.py", "tests/story/test_dialog.py"),
    ("bot/reassigning.py", "tests/story/test_supervisor.py"),
    ("bot/made.py", "tests/story/test_dialog.py"),
    ("casework/hours.py", "tests/story/test_hours.py"),
    ("casework/logins.py", "tests/story/test_pages.py"),
    ("casework/approvals.py", "tests/bot/test_channels_cli.py"),
    ("casework/cases.py", "tests/commands/test_case.py"),
    ("casework/media.py", "tests/story/test_photo.py"),
    ("casework/concerns.py", "tests/casework/test_notes.py"),
    ("storage/queries/matters.py", "tests/story/test_matters.py"),
    ("casework/matters.py", "tests/story/test_matters.py"),
    ("bot/matters.py", "tests/story/test_matters.py"),
    ("casework/sharing.py", "tests/story/test_sharing.py"),
    ("bot/sharing.py", "tests/story/test_sharing.py"),
    ("casework/appeals.py", "tests/story/test_appeal.py"),
    ("bot/appeal.py", "tests/story/test_appeal.py"),
    ("casework/own_word.py", "tests/story/test_own_word.py"),
    ("bot/own_word.py", "tests/story/test_own_word.py"),
    ("casework/confirmations.py", "tests/reminders/test_confirming.py"),
    ("casework/consequences.py", "tests/casework/test_amendments.py"),
    ("casework/answers.py", "tests/documents"),
    ("casework/documents/", "tests/documents"),
    ("casework/forms/", "tests/forms"),
    ("casework/briefs.py", "tests/story/test_brief.py"),
    ("casework/difficulties.py", "tests/commands/test_difficulty.py"),
    ("casework/vocabulary.py", "tests/commands/test_case.py"),
    ("bot/channels/sandbox/", "tests/channels/test_sandbox_contract.py"),
    ("bot/channels/base.py", "tests/channels/contract.py"),
    ("bot/speech.py", "tests/story/test_dictation.py"),
    ("bot/messages.py", "tests/channels/test_disclosure.py"),
    ("bot/commands/case_details.py", "tests/commands/test_case.py"),
    ("bot/commands/", "tests/story"),
    ("bot/dialogs/", "tests/dialogs"),
    ("bot/demo", "tests/bot/test_demo.py"),
    ("bot/operator.py", "tests/bot/test_cli.py"),
    ("bot/", "tests/story"),
    ("locales/catalogue.py", "tests/locales/test_phrase.py"),
)


def _modules() -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for path in sources()
        if path.name != "__init__.py" and len(path.read_text("utf-8").splitlines()) > SHORT
    ]


@pytest.mark.parametrize("module", _modules())
def test_every_module_has_its_tests(module: str) -> None:
    name = module.rpartition("/")[2]
    if any((ROOT / "tests").rglob(f"test_{name}")):
        return
    tests = [place for prefix, place in ELSEWHERE if module.startswith(prefix)]
    assert tests, f"{module}: no test of this name, and no row here"
    assert (ROOT / tests[0]).exists(), tests[0]


def test_every_row_is_of_use() -> None:
    modules = _modules()
    assert [prefix for prefix, _ in ELSEWHERE if not any(m.startswith(prefix) for m in modules)] == []
