"""What the repository as a whole promises: self-contained, no machine of ours in it, no float in money."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

from cleanclaim_data import loader

REPOSITORY = Path(__file__).resolve().parents[2]
VENDORED = "src/cleanclaim_server/web/static/vendor/"


def _files() -> list[Path]:
    """Files that git knows; all files besides environments where there is no git."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git does not know this folder")
    return [REPOSITORY / name for name in listed if (REPOSITORY / name).is_file()]


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


ADDRESS = re.compile(r"https?://([^/\s\"'`)>:]+)")
OURS = re.compile(
    r"127\.0\.0\.1|localhost|\{.*|[a-z.]+\.(test|example|internal)|(.*\.)?example\.(com|org)|www\.w3\.org|\.\.\."
)
MAY_NAME_HOSTS = ("docs/", "src/cleanclaim_data/", VENDORED, "LICENSE", "NOTICE")
"""Pages, cited sources and licences name where something is written; nothing fetches it."""


def test_code_names_no_network_host():
    found = [
        f"{path.relative_to(REPOSITORY)}: {host}"
        for path in _files()
        if not str(path.relative_to(REPOSITORY)).startswith(MAY_NAME_HOSTS)
        for host in ADDRESS.findall(_text_of(path))
        if not OURS.fullmatch(host)
    ]
    assert found == []


def test_locks_hold_versions_and_hashes_and_no_address():
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (REPOSITORY / name).read_text()
        assert "://" not in text and "--index" not in text and "--find-links" not in text, name
        pins = re.findall(r"^[a-z0-9][^\s=]*==\S+.*$", text, re.MULTILINE)
        assert len(pins) > 20
        assert all(pin.endswith("\\") for pin in pins), f"{name}: a pin without a hash"
    assert not [path for path in _files() if path.name == "uv.lock"], "uv.lock names hosts"


MACHINE = re.compile(r"(?<![\w.])(/root/|/home/\w|/Users/\w|/work/main|/work/shared|C:\\\\Users)")


def test_no_file_names_a_machine():
    this = Path(__file__)
    found = [
        str(path.relative_to(REPOSITORY))
        for path in _files()
        if path != this and VENDORED not in str(path) and MACHINE.search(_text_of(path))
    ]
    assert found == []


def test_every_row_of_a_code_set_says_where_it_is_from():
    bare = []
    for name in loader.list_data("codesets", ".csv"):
        for number, row in enumerate(loader.read_csv(name), start=2):
            if not (row.get("source") or row.get("citation")) or not row.get("confidence"):
                bare.append(f"{name} line {number}")
    assert bare == []


# --- money ----------------------------------------------------------------------------------------

MONEY_ROOMS = [
    "money.py",
    "claim.py",
    "ledger",
    "remittance",
    "pricing",
    "simulator/adjudication.py",
    "simulator/paying.py",
]
SERVER_ROOMS = ["ledger", "charges", "remittances", "statements", "cycle/posting", "cycle/accounts.py"]


def _money_files() -> list[Path]:
    roots = [REPOSITORY / "src/cleanclaim" / room for room in MONEY_ROOMS]
    roots += [REPOSITORY / "src/cleanclaim_server" / room for room in SERVER_ROOMS]
    return [path for root in roots for path in ([root] if root.is_file() else sorted(root.rglob("*.py")))]


def floats_in(source: str) -> list[int]:
    """Lines that name float, write one down, or divide two numbers with /."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        is_name = isinstance(node, ast.Name) and node.id == "float"
        is_field = isinstance(node, ast.Attribute) and node.attr in {"FloatField", "Float64", "Float32"}
        is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
        if is_name or is_field or is_literal:
            lines.append(node.lineno)
    return sorted(lines)


def test_money_is_never_a_float():
    files = _money_files()
    assert len(files) > 30
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for path in files
        for line in floats_in(path.read_text(encoding="utf-8"))
    ]
    assert found == []


PLANTED = ["amount = float(text)", "rate = 0.8", "total = models.FloatField()", "column = pl.Float64"]


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_float_is_found(planted):
    assert floats_in(f"cents = 150\n{planted}\n") == [2]


def careless_digits(text: str) -> list[int]:
    """Lines that ask for `isdigit`, which is true of ² though `int` refuses it: `isdecimal` is meant."""
    return [
        number
        for number, line in enumerate(text.splitlines(), 1)
        if ".isdigit()" in line and "# bytes" not in line
    ]


def test_digits_are_those_that_int_reads():
    found = [
        f"{path.relative_to(REPOSITORY)}:{line}"
        for path in sorted((REPOSITORY / "src").rglob("*.py"))
        for line in careless_digits(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_a_planted_isdigit_is_found():
    assert careless_digits("count = 1\nif text.isdigit():\n    count = int(text)\n") == [2]
