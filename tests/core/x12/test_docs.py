"""Every finding code of the engine has its line in the documentation, and no other has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cleanclaim.findings import Severity, Where
from cleanclaim.x12.codes import KINDS, make_finding

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs/errors/x12.md"
WRITER_CODES = {"x12.write.delimiter", "x12.write.segment_id", "x12.write.empty_segment", "x12.write.envelope",
                "x12.write.shape", "x12.write.from_content", "x12.file.unreadable"}  # fmt: skip


def test_every_code_is_documented():
    documented = set(re.findall(r"^\| `(x12\.[\w.]+)`", PAGE.read_text(), re.MULTILINE))
    assert documented == set(KINDS) | WRITER_CODES


def test_the_page_says_what_the_table_says():
    rows = dict(re.findall(r"^\| `(x12\.[\w.]+)` \| (\w+) \|", PAGE.read_text(), re.MULTILINE))
    assert {code: rows[code] for code in KINDS} == {code: str(kind.severity) for code, kind in KINDS.items()}


@pytest.mark.parametrize("code", sorted(KINDS))
def test_every_code_is_raised_somewhere(code):
    sources = [
        path.read_text() for path in (ROOT / "src/cleanclaim/x12").rglob("*.py") if path.name != "codes.py"
    ]
    assert any(f'"{code}"' in text for text in sources)


@pytest.mark.parametrize("code", sorted(KINDS))
def test_blanks_of_messages_can_be_filled(code):
    kind = KINDS[code]
    names = set(re.findall(r"{(\w+)}", kind.message + kind.remedy))
    finding = make_finding(code, Where(segment="REF", element="REF01"), {name: 1 for name in names})
    assert "{" not in finding.message + finding.remedy
    assert finding.message.endswith(".") and finding.remedy.endswith(".")
    assert set(kind.ack) <= {"ta1", "ak9", "ik5", "ik3", "ik4"}
    if kind.severity is Severity.TELL:
        assert not kind.ack  # what is only told never rejects


def test_the_tables_are_documented_column_by_column():
    from cleanclaim.x12.columns import SCHEMAS

    text = (ROOT / "docs/reference/x12-tables.md").read_text()
    for name, columns in SCHEMAS.items():
        section = text.split(f"## {name}\n")[1].split("\n## ")[0]
        assert ", ".join(f"`{column}`" for column in columns) in section, name
