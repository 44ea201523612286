"""Guided dialogs: a pure engine over the forms of the casework floor, the words people type, and what they see."""
