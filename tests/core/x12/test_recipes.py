"""The recipes run as they stand and print what they say."""

from __future__ import annotations

import io
import re
import sys
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from builders import file_of

sys.path.insert(0, str(Path(__file__).parent / "sets"))
from questions import set_file

PAGE = Path(__file__).resolve().parents[3] / "docs/recipes/x12-files.md"
RECIPES = re.findall(r"^## (.+?)\n.*?```python\n(.*?)```", PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_page_has_its_recipes():
    assert len(RECIPES) == 6


@pytest.mark.parametrize(("title", "code"), RECIPES, ids=[title for title, _ in RECIPES])
def test_a_recipe_prints_what_it_says(title, code, tmp_path, monkeypatch):
    (tmp_path / "remittance.835").write_bytes(file_of("835"))
    (tmp_path / "claims.837").write_bytes(file_of("837P"))
    (tmp_path / "answer.271").write_bytes(set_file("271"))
    (tmp_path / "answer.277").write_bytes(set_file("277"))
    monkeypatch.chdir(tmp_path)
    printed = io.StringIO()
    with redirect_stdout(printed):
        exec(compile(code, title, "exec"), {})
    assert printed.getvalue().splitlines() == re.findall(r"^# (.*)$", code, re.MULTILINE)
