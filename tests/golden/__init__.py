"""Whole conversations as text, in both languages, compared byte for byte with what the assistant says today.

`make golden` writes them anew. Read the difference as a reader of that language would, before it is committed.
"""
