"""The planted faults still fit the code: `make sabotage` takes minutes, this takes none."""

from __future__ import annotations

import ast
import tomllib

import pytest

from tests.house.rules import ROOT
from tests.sabotage import FAULTS
from tests.sabotage.fault import Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_applies_and_is_code(fault: Fault) -> None:
    """If not: the code is another one by now, and the fault in tests/sabotage has to be written anew."""
    (tomllib.loads if fault.file.endswith(".toml") else ast.parse)(fault.planted(ROOT))
    for test in fault.tests:
        file, _, name = test.partition("::")
        assert name in (ROOT / file).read_text("utf-8")


def test_every_fault_has_a_name_of_its_own() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)
