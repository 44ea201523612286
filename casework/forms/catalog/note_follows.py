"""已开展，稍后补记: the day, where it is none of those that have a button."""

from __future__ import annotations

from dataclasses import replace

from casework.forms.catalog import common
from casework.forms.form import Form
from locales.catalogue import N_

NOTE_FOLLOWS = Form(
    id="note_follows",
    version=1,
    title=N_("Done, note to follow"),
    closing="submitted",
    fields=(replace(common.DATE, prompt=N_("On which day was the visit made?")),),
)
