"""The synthetic files stay what the writers write, and every one is read without a finding."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from situations import FOLDER, situations

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets import read_typed

ROOT = Path(__file__).resolve().parents[4]


def test_the_files_are_what_the_writers_write():
    for name, data in situations().items():
        assert (FOLDER / name).read_bytes() == data, (
            f"{name}: run tests/core/x12/sets/situations.py if this is meant"
        )


@pytest.mark.parametrize("name", sorted(path.name for path in FOLDER.glob("*.edi")))
def test_a_file_is_read_without_a_finding(name):
    file = read_x12((FOLDER / name).read_bytes(), file=name)
    assert file.all_findings() == []
    for transaction in file.transactions():
        _, findings = read_typed(transaction)
        assert findings == []


def test_every_code_of_the_sets_has_its_line():
    source = "\n".join(path.read_text() for path in (ROOT / "src/cleanclaim/x12/sets").rglob("*.py"))
    raised = set(re.findall(r"(?:refuse|add)\(\s*\"([a-z_]+)\"", source))
    raised |= set(re.findall(r"self\.(?:code|choice)\((?:[^()]|\([^()]*\))*?,\s*\"([a-z_]+)\",", source))
    raised |= set(re.findall(r"\bfaults, \"([a-z_]+)\"", source))
    raised |= set(re.findall(r"Finding\(\"x12\.\w+\.([a-z_]+)\"", source))
    page = (ROOT / "docs/errors/x12_sets.md").read_text()
    documented = {code.rsplit(".", 1)[1] for code in re.findall(r"`(x12\.[\w.*]+)`", page)}
    assert raised - documented == set()
    assert documented - raised <= {"characters", "missing", "shape"}
