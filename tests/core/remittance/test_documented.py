"""Every finding code of remittances, the bank and paper has its line in the pages of errors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(r'"((?:remittance|bank|paper)\.[a-z0-9_]+)"')
ROOMS = [("remittance", "remittance"), ("bank", "bank"), ("paper", "remittance")]


@pytest.mark.parametrize(("room", "page"), ROOMS)
def test_every_code_has_its_line(room, page):
    sources = [*(ROOT / "src/cleanclaim" / room).rglob("*.py"), ROOT / "src/cleanclaim_cli/commands/remit.py"]
    codes = {code for path in sources for code in CODE.findall(path.read_text()) if code.startswith(room)}
    text = (ROOT / f"docs/errors/{page}.md").read_text()
    assert codes, "the pattern still finds codes"
    assert {code for code in codes if f"`{code}`" not in text} == set()
