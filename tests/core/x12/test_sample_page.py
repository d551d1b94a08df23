"""The tool that writes the page of public samples says so when a file disagrees."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from builders import changed, file_of

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tools"))
import sample_x12

MANIFEST = "file,kind,key_facts\nclean.edi,837p,tx=1 n_CLM={claims} sum_CLM02=310\nbad.edi,837p,\n"
NEGATIVES = "file,answer_by,where,ik304,ik403,ta1_05\nbad.edi,999,{where},{ik304},,\nclean.edi,none,,,,\n"


@pytest.mark.parametrize(
    ("claims", "where", "ik304", "code", "why"),
    [
        (1, "loop=2300", "3", 0, "all as stated"),
        (2, "loop=2300", "3", 1, "another count"),
        (1, "loop=2400", "3", 1, "found elsewhere"),
        (1, "loop=2300", "5", 1, "another answer"),
    ],
)
def test_what_disagrees_is_told(tmp_path, monkeypatch, capsys, claims, where, ik304, code, why):
    (tmp_path / "clean.edi").write_bytes(file_of("837P"))
    (tmp_path / "bad.edi").write_bytes(changed("837P", "HI*ABK:F331\n", ""))
    (tmp_path / "MANIFEST.csv").write_text(MANIFEST.format(claims=claims))
    (tmp_path / "NEGATIVES.csv").write_text(NEGATIVES.format(where=where, ik304=ik304))
    monkeypatch.setattr(sys, "argv", ["sample_x12", str(tmp_path)])
    assert sample_x12.main() == code, why
    assert ("NOT AS EXPECTED" in capsys.readouterr().err) == bool(code)
