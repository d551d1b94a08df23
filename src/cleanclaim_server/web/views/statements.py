"""Statements: who can be asked today and who not, with the reason; runs, sheets, printing."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.ledger.patient_balance import HeldShare
from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.patients.access import access_patient
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.statements.access import access_statement, access_statement_run
from cleanclaim_server.statements.models import PatientStatement, StatementRun
from cleanclaim_server.statements.planning import WORDS, Due, due_of_practices, due_statements
from cleanclaim_server.statements.queries import patients_by_id
from cleanclaim_server.statements.sending import make_statements, sheets_of
from cleanclaim_server.tenancy.context import TenantContext
from cleanclaim_server.tenancy.models import new_id
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.templatetags.numbers import money_text
from cleanclaim_server.web.views import shared

SHOWN = 50
"""Statements of one patient."""


def _due(tenant: TenantContext, day) -> list[tuple[Practice, Due]]:
    practices = {one.pk: one for one in visible(Practice.objects.all(), tenant).order_by("code")}
    return [(practices[one.practice_id], one) for one in due_of_practices(practices.values(), day)]


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def statements(request: HttpRequest) -> HttpResponse:
    """Patients who can be asked today, those who cannot and why, and the runs before."""
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    view = request.GET.get("view", "")
    found = _due(tenant, day)
    due = [one for one in found if one[1].is_due]
    held = [one for one in found if not one[1].is_due and (one[1].held_cents or one[1].statement.lines)]
    runs = visible(StatementRun.objects.all(), tenant)
    record("statement.listed", "patient", view=view or "due", due=len(due), held=len(held))
    page = None
    if view == "runs":
        some, page = shared.one_page(request, runs, "made_at", noun="runs")
        rows = [_run_row(one, marks) for one in some]
    else:
        all_ = sorted(
            held if view == "held" else due, key=lambda one: (one[1].again_on is not None, -_cents(one[1]))
        )
        some, page = shared.one_slice(request, all_, noun="patients")
        people = patients_by_id(tenant, [one.patient_id for _, one in some])
        rows = [_row(one, people, marks, day) for one in some if one[1].patient_id in people]
    full = shared.narrowed_to(shared.also(request, DataClass.LEDGER, Access.FULL), tenant)
    mine = [one for practice, one in due if practice.pk in full.practice_ids]
    context = {
        "today": day,
        "view": view,
        "tabs": [
            {"label": label, "n": n, "url": shared.link(request, view=key, at=None), "current": key == view}
            for key, label, n in (
                ("", "Due now", len(due)),
                ("held", "Not yet, and why", len(held)),
                ("runs", "Sent", runs.count()),
            )
        ],
        "due_cents": sum(one.statement.total_cents for _, one in due),
        "held_cents": sum(one.held_cents for _, one in found),
        "rows": rows,
        "page": page,
        "make": {"n": len(mine), "cents": sum(one.statement.total_cents for one in mine)} if mine else None,
        "request_key": str(new_id()),
    }
    return render(request, "statements/list.html", context)


def _cents(one: Due) -> int:
    return one.statement.total_cents or one.held_cents


def _row(pair: tuple[Practice, Due], people: dict, marks: dict, day) -> dict:
    practice, one = pair
    person = people[one.patient_id]
    lines = one.statement.lines
    oldest = min((line.service_on for line in lines), default=None)
    return {
        "url": f"/statements/preview/{person.pk}",
        "practice": marks.get(practice.pk),
        "patient": person.initials,
        "chart_number": person.chart_number,
        "visits": len(lines) or len(one.statement.held),
        "oldest_on": oldest,
        "cents": _cents(one),
        "held_cents": one.held_cents,
        "credit_cents": one.statement.credit_cents,
        "last_on": one.last_on,
        "why": one.why,
    }


def _run_row(one: StatementRun, marks: dict) -> dict:
    return {
        "url": f"/statements/runs/{one.pk}", "practice": marks.get(one.practice_id), "number": one.number,
        "made_on": one.made_on, "by": one.made_by_name, "count": one.count, "cents": one.total_cents,
    }  # fmt: skip


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def preview_statement(request: HttpRequest, patient_id: UUID) -> HttpResponse:
    """The statement of today as it would be printed, and visit by visit why something is not on it."""
    one = access_patient(request.tenant, patient_id)
    day = shared.today(request)
    practice = Practice.objects.get(pk=one.practice_id)
    found = next(iter(due_statements(practice, day, patient_ids=[one.pk])), None)
    sheet = sheets_of(practice, [found], day)[one.pk] if found and found.statement.lines else None
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    record("statement.previewed", "patient", one.pk, practice_id=one.practice_id)
    context = {
        "today": day,
        "patient": {
            "name": one.full_name,
            "initials": one.initials,
            "url": f"/balances/{one.pk}",
            "pk": one.pk,
        },
        "practice": shared.marks(request)[one.practice_id],
        "sheet": sheet,
        "due": bool(found and found.is_due),
        "why": found.why if found else "Nothing is owed.",
        "held": _held(one.practice_id, found.statement.held if found else ()),
        "may_make": bool(found and found.is_due and one.practice_id in full.practice_ids),
        "request_key": str(new_id()),
        "history": [
            {
                "url": f"/statements/{row.pk}",
                "number": row.number,
                "on": row.made_on,
                "cents": row.total_cents,
            }
            for row in PatientStatement.objects.filter(patient=one, practice_id=one.practice_id)
            .defer("sheet")
            .order_by("-made_on", "-id")[:SHOWN]
        ],
    }  # fmt: skip
    return render(request, "statements/preview.html", context)


def _held(practice_id: UUID, held: tuple[HeldShare, ...]) -> list[dict]:
    days = dict(
        Claim.objects.filter(practice_id=practice_id, pk__in=[one.claim_id for one in held]).values_list(
            "id", "date_of_service"
        )
    )
    return [
        {"on": days.get(UUID(one.claim_id)), "cents": one.amount_cents, "why": WORDS[one.because]}
        for one in held
    ]


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Make the statements that are due: one run a practice in view, or one patient's. Twice is once."""
    tenant, day = shared.in_view(request), shared.today(request)
    key = request.POST.get("request_key", "")[:23] or str(new_id())[:23]
    only = None
    rows = visible(Practice.objects.all(), tenant).order_by("code")
    if request.POST.get("patient"):
        try:
            one = access_patient(request.tenant, UUID(request.POST["patient"]))
        except ValueError:
            raise Http404 from None
        only, rows = [one.pk], Practice.objects.filter(pk=one.practice_id)
    made = []
    for practice in rows:
        run_, _ = make_statements(
            practice,
            actor_id=request.user.pk,
            actor_name=request.user.display_name,
            now=shared.now(),
            today=day,
            request_key=f"{key}:{practice.code}",
            patient_ids=only,
        )
        made += [run_] if run_ else []
    if not made:
        messages.info(request, "Nothing is due; no statement was made.")
        return redirect("web:statements")
    count, cents = sum(one.count for one in made), sum(one.total_cents for one in made)
    messages.success(
        request, f"{count} statement{'' if count == 1 else 's'} over {money_text(cents)}; print them."
    )
    return redirect("web:statement_run", made[0].pk) if len(made) == 1 else redirect("/statements?view=runs")


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """The statements of one run."""
    one = access_statement_run(request.tenant, run_id)
    rows = PatientStatement.objects.filter(run=one, practice_id=one.practice_id).defer("sheet")
    found = list(rows.select_related("patient").order_by("-total_cents", "number"))
    record("statement_run.read", "statement_run", one.pk, practice_id=one.practice_id, count=len(found))
    context = {
        "today": shared.today(request),
        "run": _run_row(one, shared.marks(request)),
        "policy": one.policy,
        "print_url": f"/statements/runs/{one.pk}/print",
        "rows": [
            {
                "url": f"/statements/{row.pk}", "number": row.number, "patient": row.patient.initials,
                "chart_number": row.patient.chart_number, "visits": len(row.claims), "cents": row.total_cents,
            }
            for row in found
        ],
    }  # fmt: skip
    return render(request, "statements/run.html", context)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def print_run(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Every sheet of a run, one a page."""
    one = access_statement_run(request.tenant, run_id)
    rows = list(PatientStatement.objects.filter(run=one, practice_id=one.practice_id).order_by("number"))
    record("statement_run.printed", "statement_run", one.pk, practice_id=one.practice_id, count=len(rows))
    back = {"url": f"/statements/runs/{one.pk}", "label": f"Run {one.number}"}
    return _sheets(request, rows, back)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def statement(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """One statement as it was made."""
    one = access_statement(request.tenant, statement_id)
    record("statement.read", "patient_statement", one.pk, practice_id=one.practice_id)
    back = {"url": f"/statements/preview/{one.patient_id}", "label": one.patient.initials}
    return _sheets(request, [one], back)


def _sheets(request: HttpRequest, rows: list[PatientStatement], back: dict) -> HttpResponse:
    context = {
        "today": shared.today(request),
        "back": back,
        "sheets": [{"number": row.number} | row.sheet for row in rows if row.sheet],
    }
    return render(request, "statements/sheets.html", context)
