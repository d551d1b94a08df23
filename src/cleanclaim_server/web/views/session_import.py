"""Sessions from a CSV: the page, the sample file, each row's fate, and the faulty rows to take along."""

from __future__ import annotations

import csv
import io
import logging
from datetime import date
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import lifecycles_of_import
from cleanclaim_server.clearinghouse.models import StoredFile
from cleanclaim_server.coverage.models import Coverage
from cleanclaim_server.cycle.intake import keep_session_file, take_sessions
from cleanclaim_server.encounters.models import SessionImport
from cleanclaim_server.encounters.queries import imports
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice, Provider
from cleanclaim_server.tenancy.context import enter
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared

log = logging.getLogger(__name__)
LONGEST_FILE = 5 * 1024 * 1024
SHOWN_FAULTS = 200
RECENT = 10
COLUMNS = [
    ("session_id", "Your own key; the same key twice is one session", True),
    ("patient", "Chart number in the practice", True),
    ("provider", "NPI of the clinician", True),
    ("dos", "Day of the session, 2026-11-02", True),
    ("service", "What was done: individual psychotherapy, E/M + psychotherapy, ...", True),
    ("setting", "office, telehealth, home, community, ...", True),
    ("start_time", "14:02, local time of the place", False),
    ("stop_time", "14:57", False),
    ("minutes", "Whole minutes, instead of clock times", False),
    ("modality", "in_person, video or audio", False),
    ("patient_at_home", "true or false, for video and audio", False),
    ("participants", "patient, family+patient, group:6, ...", False),
    ("em_basis", "For a medical visit: mdm_moderate, time, ...", False),
    ("patient_type", "new or established, for a medical visit", False),
    ("ic_factors", "Reason for interactive complexity", False),
    ("diagnoses", "ICD-10-CM, most important first, semicolon between", False),
    ("supervisor", "NPI; empty takes the one on file", False),
    ("location", "Name of the place; empty is the main one", False),
    ("authorization", "Number; empty takes the one in force", False),
    ("note_reference", "Where the note is kept; never its text", False),
    ("note_signed_at", "2026-11-02T17:30-05:00; empty is not signed", False),
]
SAMPLE = [
    (
        "2026-11-02",
        "individual psychotherapy",
        "telehealth",
        "14:02",
        "14:57",
        "",
        "video",
        "true",
        "patient",
        "",
        "",
        "",
        "F33.1",
        "2026-11-02T17:30-05:00",
    ),
    (
        "2026-11-02",
        "group psychotherapy",
        "office",
        "16:00",
        "17:15",
        "",
        "in_person",
        "",
        "group:6",
        "",
        "",
        "",
        "F41.1",
        "2026-11-02T18:00-05:00",
    ),
    (
        "2026-11-03",
        "E/M + psychotherapy",
        "office",
        "09:00",
        "09:45",
        "",
        "in_person",
        "",
        "patient",
        "mdm_moderate",
        "established",
        "",
        "F33.1;F41.1",
        "",
    ),
]


@requires(DataClass.CLAIM, Access.FULL, in_steps=True)
@require_http_methods(["GET", "POST"])
def import_sessions(request: HttpRequest) -> HttpResponse:
    """Take a CSV; every faulty row is named, the others go on.

    The bytes are committed as they came before any row is read: no fault of the reading loses them.
    """
    if request.method != "POST":
        return _import_page(request)
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        return _import_page(request, "Choose a CSV file with at least one row.", 400)
    if upload.size > LONGEST_FILE:
        return _import_page(request, "The file is larger than 5 MB. Split it and import the parts.", 400)
    asked = request.POST.get("practice", "")
    with enter(request.tenant):
        practices = _practices(request)
        chosen = [one for one in practices if asked in (one.code, str(one.pk))]
        if not chosen and len(practices) == 1:
            chosen = practices
        if not chosen:
            return _import_page(request, "Choose the practice whose sessions these are.", 400)
        data, name, who = upload.read(), upload.name[:200], request.user.pk
        kept = keep_session_file(chosen[0], data, name=name, now=shared.now(), actor_id=who)
        record("file.received", "file", kept.pk, practice_id=chosen[0].pk, size=len(data))
    try:
        with enter(request.tenant):
            taken = take_sessions(
                chosen[0],
                data,
                name=name,
                now=shared.now(),
                today=shared.today(request),
                actor_id=who,
                stored=kept,
            )
    except Exception as error:  # whatever it was: the bytes are safe, and the person must be told so
        log.warning("file %s was kept, taking its sessions failed: %s", kept.pk, type(error).__name__)
        return _import_page(
            request,
            "The file is kept, but an error stopped the reading, and no session of it was taken.",
            500,
            "Import it again: a session is never taken twice. If it fails again, tell whoever runs "
            "Cleanclaim for you.",
        )
    return redirect("web:session_import", taken.pk)


def _practices(request: HttpRequest) -> list[Practice]:
    return list(visible(Practice.objects.all(), shared.in_view(request)).order_by("code"))


def _import_page(
    request: HttpRequest, problem: str = "", status: int = 200, remedy: str = ""
) -> HttpResponse:
    """The page to choose a file on, with what went wrong."""
    with enter(request.tenant):
        marks = shared.marks(request)
        rows = list(imports(shared.in_view(request))[:RECENT])
        names = _names(request, rows)
        record("session_import.listed", "session_import", count=len(rows))
        error = {"severity": "stop", "message": problem, "remedy": remedy, "code": "sessions.file"}
        context = {
            "today": shared.today(request),
            "recent": [_row(row, marks, names) for row in rows],
            "import_url": "/sessions/import",
            "sample_url": "/sessions/import/sample.csv",
            "error": error if problem else None,
            "practices": [{**marks[one.pk], "id": one.pk} for one in _practices(request)],
            "columns": [
                {"name": name, "meaning": meaning, "required": need} for name, meaning, need in COLUMNS
            ],
        }
        return render(request, "sessions/import.html", context, status=status)


def _names(request: HttpRequest, rows: list[SessionImport]) -> dict[UUID, str]:
    ids = {row.imported_by for row in rows if row.imported_by}
    people = User.objects.filter(agency_id=request.user.agency_id, pk__in=ids)
    return dict(people.values_list("pk", "display_name"))


def _row(row: SessionImport, marks: dict, names: dict) -> dict:
    return {
        "id": row.pk,
        "url": f"/sessions/import/{row.pk}",
        "practice": marks.get(row.practice_id),
        "name": row.file.name,
        "file_url": f"/files/{row.file_id}",
        "at": row.imported_at,
        "by": names.get(row.imported_by, "the command line"),
        "total": row.rows_total,
        "taken": row.rows_taken,
        "repeated": row.rows_repeated,
        "size_text": f"{row.file.size:,} bytes",
        "sha256_short": row.file.sha256[:12],
        "faulty": max(row.rows_total - row.rows_taken - row.rows_repeated, 0),
    }


@requires(DataClass.CLAIM, Access.FULL)
@require_GET
def session_import(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """What became of each row of one import."""
    one = _import(request, import_id)
    faults = [fault_of(each) for each in one.findings]
    states = lifecycles_of_import(request.tenant, one.pk)
    record("session_import.read", "session_import", one.pk, practice_id=one.practice_id)
    context = {
        "today": shared.today(request),
        "result": _row(one, shared.marks(request), _names(request, [one]))
        | {"claims_built": sum(states.values()), "held": states.get("held", 0)},
        "findings": faults[:SHOWN_FAULTS],
        "more": max(len(faults) - SHOWN_FAULTS, 0),
        "faults_url": f"/sessions/import/{one.pk}/faults.csv" if faults else None,
        "again_url": "/sessions/import",
        "sessions_url": f"/sessions?import={one.pk}",
    }
    return render(request, "sessions/import_result.html", context)


def _import(request: HttpRequest, import_id: UUID) -> SessionImport:
    found = imports(request.tenant).filter(pk=import_id).first()
    if found is None:
        raise Http404
    return found


def fault_of(finding: dict) -> dict:
    """One fault of a row: where, what, what to do."""
    where = finding.get("where") or {}
    return {key: finding.get(key, "") for key in ("message", "remedy", "code", "severity")} | {
        "line": where.get("line", 0),
        "column": where.get("column", ""),
    }


def _csv(name: str, rows: list) -> HttpResponse:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


@requires(DataClass.CLAIM, Access.FULL)
@require_GET
def sample(request: HttpRequest) -> HttpResponse:
    """A CSV that imports as it is: with a patient and a clinician of the practice, where there are any."""
    tenant = shared.in_view(request)
    day = shared.today(request)
    provider = visible(Provider.objects.filter(is_active=True), tenant).order_by("last_name", "id").first()
    policy = None
    if provider is not None:
        rows = Coverage.objects.filter(
            practice_id=provider.practice_id, starts_on__lte=date(2026, 11, 1), ends_on=None
        )
        policy = visible(rows, tenant).select_related("patient").order_by("patient__chart_number").first()
    chart = policy.patient.chart_number if policy else "1001"
    npi = provider.npi if provider else "1234567893"
    heads = [
        "session_id",
        "patient",
        "provider",
        "dos",
        "service",
        "setting",
        "start_time",
        "stop_time",
        "minutes",
        "modality",
        "patient_at_home",
        "participants",
        "em_basis",
        "patient_type",
        "ic_factors",
        "diagnoses",
        "note_signed_at",
    ]
    lines = [[f"sample-{day:%Y%m%d}-{n}", chart, npi, *row] for n, row in enumerate(SAMPLE, 1)]
    record("session_import.sample", "session_import")
    return _csv("sessions-sample.csv", [heads, *lines])


@requires(DataClass.CLAIM, Access.FULL)
@require_GET
def faults(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The faulty rows as they came, with what is wrong and what to do as last columns."""
    one = _import(request, import_id)
    content = StoredFile.objects.get(pk=one.file_id).content
    lines = bytes(content).decode("utf-8-sig", "replace").splitlines()
    head = lines[0] if lines else ""
    mark = ";" if head.count(";") > head.count(",") else ","
    reasons: dict[int, list[dict]] = {}
    for finding in map(fault_of, one.findings):
        reasons.setdefault(finding["line"], []).append(finding)
    rows = [[*next(csv.reader([head], delimiter=mark), []), "what_is_wrong", "what_to_do"]]
    for line, found in sorted(reasons.items()):
        cells = next(csv.reader([lines[line - 1]], delimiter=mark), []) if 0 < line <= len(lines) else []
        said = [
            " ".join(dict.fromkeys(one[key] for one in found if one[key])) for key in ("message", "remedy")
        ]
        rows.append([*map(_plain, cells), *said])
    record(
        "session_import.faults_taken",
        "session_import",
        one.pk,
        practice_id=one.practice_id,
        rows=len(reasons),
    )
    return _csv(f"faults-{one.pk}.csv", rows)


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in "=+-@" and cell[1:2].isalpha() else cell
