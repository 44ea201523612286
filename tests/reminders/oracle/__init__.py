"""Who must hear what, and when: written from docs/reminders.md and docs/rulebook.md alone, as a second opinion.

It shares no code with the product: its own calendar (the State Council's notice for 2026), its own counting, one plain
pass over time. It is slow and simple on purpose. Begin with `living.py`.
"""
