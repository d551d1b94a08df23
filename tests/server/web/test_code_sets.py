"""Code sets on screen: dates and staleness, a file previewed, put into use, or refused whole."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import date

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from tests.core.codesets.test_difference import mue_file

from cleanclaim.codesets import mue
from cleanclaim.codesets.importers import Release, load_files
from cleanclaim_data import loader

DAY = date(2026, 11, 1)


@pytest.fixture
def chief(make_user):
    return make_user(is_user_admin=True)


@pytest.fixture
def manager(make_user, practice_a):
    return make_user("manager", [practice_a])


@pytest.fixture(autouse=True)
def as_it_was():
    yield
    for name in ("loaded", "previewed"):
        shutil.rmtree(settings.DATA_DIR / name, ignore_errors=True)
    loader.use_overlay(None)


def rows() -> dict[str, tuple[str, str]]:
    return {
        row["code"]: (row["mue"], row["mai"])
        for row in loader.read_csv("codesets/mue.csv")
        if not row["effective_to"]
    }


def form(data: bytes, **changes) -> dict:
    given = {
        "kind": "mue",
        "release": "2026Q4",
        "starts": "2026-10-01",
        "file": SimpleUploadedFile("MUE.csv", data),
    }
    return given | changes


def changed() -> tuple[str, bytes]:
    mine = rows()
    code = sorted(mine)[3]
    mine[code] = (str(int(mine[code][0]) + 5), mine[code][1])
    return code, mue_file(mine)["MUE.csv"]


def test_every_table_says_its_date_and_whether_it_is_out_of_date(client_for, manager):
    page = client_for(manager).get("/code-sets").content.decode()
    assert "Medically unlikely edits" in page and "2024Q3" in page and "Out of date" in page
    assert "cms.gov" in page and "come with the product" in page


def test_a_file_is_previewed_and_then_put_into_use(client_for, manager):
    client, (code, data) = client_for(manager), changed()
    before = mue.lookup(code, DAY).units
    page = client.post("/code-sets/preview", form(data)).content.decode()
    assert f'<span class="code">{code}</span>' in page and "Put it into use" in page
    assert mue.lookup(code, DAY).units == before, "a preview changes nothing"
    token = re.search(r'name="token" value="([0-9a-f]{64})"', page)[1]
    said = client.post("/code-sets/load", {"token": token}, follow=True).content.decode()
    assert "are in use, here and in every server" in said and "2026Q4" in said
    assert mue.lookup(code, DAY).units == before + 5
    assert not any((settings.DATA_DIR / "previewed").iterdir())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"file": SimpleUploadedFile("x.csv", b"a,b\n1,2\n")}, "is no mue file"),
        ({"kind": "carc"}, "which code set"),
        ({"release": " "}, "which release"),
        ({"starts": "soon"}, "as a date"),
        ({"starts": "2020-01-01"}, "is newer than"),
    ],
)
def test_what_cannot_be_used_is_refused_whole(changes, why, client_for, manager):
    code, data = changed()
    before = mue.lookup(code, DAY).units
    answer = client_for(manager).post("/code-sets/preview", form(data, **changes), follow=True)
    assert why in answer.content.decode().replace("&#x27;", "'")
    assert mue.lookup(code, DAY).units == before


@pytest.mark.parametrize("token", ["", "../../secret.key", "0" * 64])
def test_only_a_previewed_file_is_loaded(token, client_for, manager):
    answer = client_for(manager).post("/code-sets/load", {"token": token}, follow=True)
    assert "Choose it again" in answer.content.decode()


def test_who_sets_up_one_practice_of_several_loads_nothing(client_for, manager, practice_b):
    _, data = changed()
    assert client_for(manager).post("/code-sets/preview", form(data)).status_code == 403
    assert not (settings.DATA_DIR / "previewed").exists()


OTHER = """
import sys
from pathlib import Path

import django

django.setup()
from django.conf import settings

settings.DATA_DIR = Path(sys.argv[1])
from cleanclaim.codesets import mue
from cleanclaim.codesets.importers import Release, load_files
from cleanclaim_data.loader import refresh_overlay
from cleanclaim_server.config.middleware import LoadedTables

serve = LoadedTables(lambda request: mue.lookup(sys.argv[2], __import__("datetime").date(2026, 11, 1)).units)
for line in sys.stdin:
    print(serve(None), flush=True)
"""


def test_another_process_reads_what_was_loaded_without_starting_again():
    """Two processes on one data folder: one loads, the other answers with it at its next request."""
    code, data = changed()
    before = mue.lookup(code, DAY).units
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(settings.DATA_DIR), code],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdin and other.stdout

    def asks() -> int:
        other.stdin.write("\n")
        other.stdin.flush()
        return int(other.stdout.readline())

    try:
        assert asks() == before
        load_files(
            "mue",
            {"MUE.csv": data},
            Release("2026Q4", date(2026, 10, 1), None, "CMS"),
            settings.DATA_DIR / "loaded",
        )
        assert asks() == before + 5
        shutil.rmtree(settings.DATA_DIR / "loaded")
        assert asks() == before, "taken away, the tables of the product count again"
    finally:
        other.stdin.close()
        other.wait(10)


def test_what_did_not_change_is_not_read_again():
    _, data = changed()
    folder = settings.DATA_DIR / "loaded"
    assert not loader.refresh_overlay(folder)
    load_files("mue", {"MUE.csv": data}, Release("2026Q4", date(2026, 10, 1), None, "CMS"), folder)
    kept = loader.read_csv("codesets/mue.csv")
    assert not loader.refresh_overlay(folder) and loader.read_csv("codesets/mue.csv") is kept
    (folder / "codesets" / "versions.csv").touch()
    assert loader.refresh_overlay(folder) and loader.read_csv("codesets/mue.csv") is not kept
