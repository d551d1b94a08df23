"""Code sets: what is loaded and of which date, and an issuer's file previewed before it is put into use."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.codesets import versions
from cleanclaim.codesets.importers import (
    IMPORTERS,
    Difference,
    ImportRefused,
    Release,
    difference,
    last_day,
    load_files,
)
from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import may_set_up_agency, requires, requires_set_up
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings.shell import agency_only

LARGEST = 60 * 1024 * 1024
MOST_FILES = 8
KEPT_SECONDS = 24 * 3600
TOKEN = re.compile(r"[0-9a-f]{64}")
WHERE = {
    "CMS": "cms.gov: the file page of this release",
    "CDC/NCHS and CMS": "cdc.gov/nchs or cms.gov: ICD-10-CM, the order file",
    "NUCC": "nucc.org: taxonomy, CSV",
}
TABLE_OF = {"icd10cm": "icd10cm_all"}


@requires(DataClass.RULES, Access.READ)
@require_GET
def code_sets(request: HttpRequest) -> HttpResponse:
    """Every loaded table with its release and dates; stale ones say where a newer one is got."""
    today = shared.today(request)
    loaded = versions()
    record("codesets.listed", "codeset", count=len(loaded))
    context = {
        "today": today,
        "rows": sorted(
            (_row(one, today) for one in loaded), key=lambda row: (not row["stale"], row["title"])
        ),
        "stale": sum(one.is_stale(today) for one in loaded),
        "may_load": may_set_up_agency(request.user),
        "kinds": [(key, one.title) for key, one in IMPORTERS.items()],
        "preview_url": "/code-sets/preview",
        "chosen": request.GET.get("table", ""),
    }
    return render(request, "codesets/list.html", context)


def _row(one, today: date) -> dict[str, Any]:
    kind = next((key for key in IMPORTERS if one.table == TABLE_OF.get(key, key)), "")
    importer = IMPORTERS.get(kind)
    return {
        "title": one.title,
        "table": one.table,
        "kind": kind,
        "release": one.release,
        "as_of": one.as_of,
        "good_through": one.good_through,
        "stale": one.is_stale(today),
        "rows": one.rows,
        "source": one.source,
        "where": WHERE.get(importer.issuer, "") if importer else "",
        "example": importer.example if importer else "",
        "period": importer.period if importer else "",
    }


@requires_set_up(Access.FULL)
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """What a file would change; it is set aside for a day, and nothing is put into use."""
    no = agency_only(request)
    if no:
        return no
    try:
        kind, release, files = _given(request)
        found = difference(kind, files, release)
    except (ImportRefused, ValueError) as refused:
        messages.error(request, f"{_sentence(refused)} Nothing was changed.")
        return redirect("/code-sets")
    token = _set_aside(kind, release, files)
    record(
        "codesets.previewed", "codeset", kind, added=found.added, changed=found.changed, removed=found.removed
    )
    return render(request, "codesets/preview.html", _shown(request, found, release, token, list(files)))


def _shown(
    request: HttpRequest, found: Difference, release: Release, token: str, names: list[str]
) -> dict[str, Any]:
    return {
        "today": shared.today(request),
        "title": IMPORTERS[found.table].title,
        "release": release,
        "names": names,
        "found": found,
        "sums": [
            {"label": "New rows", "value": f"{found.added:,}"},
            {"label": "Changed", "value": f"{found.changed:,}"},
            {
                "label": "End with this release",
                "value": f"{found.removed:,}",
                "tone": "override" if found.removed else "",
            },
            {"label": "As before", "value": f"{found.same:,}"},
            {
                "label": "Cannot be used",
                "value": f"{len(found.left_out):,}",
                "tone": "override" if found.left_out else "",
            },
        ],
        "groups": [
            {"title": "New", "n": found.added, "rows": found.examples["added"]},
            {"title": "Changed", "n": found.changed, "rows": found.examples["changed"]},
            {"title": "Ending", "n": found.removed, "rows": found.examples["removed"]},
        ],
        "left_out": found.left_out[:10],
        "token": token,
        "load_url": "/code-sets/load",
        "many_gone": found.removed * 5 > found.removed + found.same + found.changed,
    }


@requires_set_up(Access.FULL)
@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Put a previewed file into use. What was in use stays byte for byte when it is refused."""
    no = agency_only(request)
    if no:
        return no
    token = request.POST.get("token", "")
    folder = _aside() / token
    if not TOKEN.fullmatch(token) or not (folder / "release.json").is_file():
        messages.error(request, "The file was set aside for a day and is gone. Choose it again.")
        return redirect("/code-sets")
    said = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    release = Release(
        said["name"],
        date.fromisoformat(said["as_of"]),
        date.fromisoformat(said["good_through"]) if said["good_through"] else None,
        said["source"],
    )
    files = {name: (folder / str(number)).read_bytes() for number, name in enumerate(said["files"])}
    fewer = request.POST.get("accept_fewer") == "1"
    try:
        imported = load_files(said["kind"], files, release, settings.DATA_DIR / "loaded", accept_fewer=fewer)
    except (ImportRefused, OSError) as refused:
        messages.error(request, f"{_sentence(refused)} Nothing was changed: the prior table is in use.")
        return redirect("/code-sets")
    shutil.rmtree(folder, ignore_errors=True)
    record(
        "codesets.loaded", "codeset", said["kind"], rows=len(imported.rows), left_out=len(imported.findings)
    )
    messages.success(
        request,
        f"{IMPORTERS[said['kind']].title}: {count_text(len(imported.rows), 'row')} of {release.name} are "
        "in use, here and in every server and worker of this data folder.",
    )
    return redirect("/code-sets")


def _given(request: HttpRequest) -> tuple[str, Release, dict[str, bytes]]:
    """What the form names.

    Raises:
        ValueError: Something is missing, or the files are too many or too large.
    """
    kind = request.POST.get("kind", "")
    if kind not in IMPORTERS:
        raise ValueError("Choose which code set the file is")
    name = " ".join(request.POST.get("release", "").split())[:60]
    if not name:
        raise ValueError("Say which release it is, as its issuer calls it")
    try:
        starts = date.fromisoformat(request.POST.get("starts", ""))
        through = request.POST.get("through", "")
        ends = date.fromisoformat(through) if through else last_day(kind, starts)
    except ValueError:
        raise ValueError("Give the first day of the release as a date") from None
    uploads = request.FILES.getlist("file")
    if not uploads:
        raise ValueError("Choose the file")
    if len(uploads) > MOST_FILES or sum(one.size or 0 for one in uploads) > LARGEST:
        raise ValueError(f"At most {MOST_FILES} files and 60 MB together")
    files = {Path(one.name or "file").name[:120]: one.read() for one in uploads}
    return kind, Release(name, starts, ends, f"{IMPORTERS[kind].issuer}: {', '.join(files)}"[:300]), files


def _aside() -> Path:
    return Path(settings.DATA_DIR) / "previewed"


def _set_aside(kind: str, release: Release, files: dict[str, bytes]) -> str:
    """Keep the files for the second step, under a name made of what they say; older ones go."""
    root = _aside()
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    for old in root.iterdir():
        if old.is_dir() and time.time() - old.stat().st_mtime > KEPT_SECONDS:
            shutil.rmtree(old, ignore_errors=True)
    said = {
        "kind": kind,
        "name": release.name,
        "as_of": release.as_of.isoformat(),
        "good_through": release.good_through.isoformat() if release.good_through else "",
        "source": release.source,
        "files": list(files),
    }
    whole = hashlib.sha256(json.dumps(said).encode())
    for data in files.values():
        whole.update(hashlib.sha256(data).digest())
    folder = root / whole.hexdigest()
    folder.mkdir(mode=0o700, exist_ok=True)
    for number, data in enumerate(files.values()):
        (folder / str(number)).write_bytes(data)
    (folder / "release.json").write_text(json.dumps(said), encoding="utf-8")
    return whole.hexdigest()


def _sentence(problem: Exception) -> str:
    text = str(problem)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


urlpatterns = [
    path("code-sets", code_sets, name="code_sets"),
    path("code-sets/preview", preview, name="preview_code_set"),
    path("code-sets/load", load, name="load_code_set"),
]
