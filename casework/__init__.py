"""The verbs of 访 · 评 · 察."""
