"""Compiles the message catalogues when the product is built: git keeps only what a translator edits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface

CATALOGUES = "locales/*/LC_MESSAGES/fangpingcha.po"


def compile_catalogue(source: Path) -> Path:
    """Write the .mo beside a .po. Fuzzy entries are left out: better the sentence itself than a guess."""
    with source.open("rb") as po:
        catalogue = read_po(po, locale=source.parent.parent.name)
    target = source.with_suffix(".mo")
    with target.open("wb") as mo:
        write_mo(mo, catalogue)
    return target


class CatalogueHook(BuildHookInterface[Any]):
    """Runs for the wheel, the source archive and the editable install alike."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        for source in sorted(Path(self.root).glob(CATALOGUES)):
            compile_catalogue(source)
