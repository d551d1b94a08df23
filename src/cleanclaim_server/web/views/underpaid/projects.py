"""Underpayment projects: the list, and one with its lines, letter, list and what came back."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim_server.audit import record
from cleanclaim_server.cycle.underpayments.letters import letter_text, project_csv, project_pdf, project_xlsx
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.underpayments.access import access_project
from cleanclaim_server.underpayments.models import (
    LIVE,
    LineComparison,
    LineState,
    ProjectEvent,
    ProjectState,
    Status,
    UnderpaymentProject,
)
from cleanclaim_server.underpayments.queries import project_lines
from cleanclaim_server.underpayments.queries import projects as projects_in_reach
from cleanclaim_server.web.views import shared

TONES = {
    ProjectState.COLLECTING: ("tell", "inbox"),
    ProjectState.ASKED: ("line", "send"),
    ProjectState.RECOVERED: ("ok", "circle-check"),
    ProjectState.GIVEN_UP: ("line", "ban"),
    ProjectState.WITHDRAWN: ("line", "undo-2"),
}
LINE_TONES = {
    LineState.OPEN: "tell",
    LineState.RECOVERED: "ok",
    LineState.LEFT_OUT: "line",
    LineState.GIVEN_UP: "line",
    LineState.WITHDRAWN: "line",
}
SORTS = {"open": ("open_cents", True), "opened": ("opened_on", True), "back": ("recovered_cents", True)}
LINES_SHOWN = 500
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def underpayments(request: HttpRequest) -> HttpResponse:
    """Projects by payer and kind, most money first."""
    whole, marks, day = shared.in_view(request), shared.marks(request), shared.today(request)
    code = request.GET.get("practice", "")
    tenant = shared.narrowed(request, whole, code) if code else whole
    mine = visible(UnderpaymentProject.objects.all(), tenant).order_by()
    counts = dict(mine.values_list("state").annotate(n=Count("id")))
    state = request.GET.get("state", "")
    rows = projects_in_reach(tenant)
    rows = rows.filter(state__in=LIVE) if not state else rows if state == "all" else rows.filter(state=state)
    words = request.GET.get("q", "").strip()[:50]
    if words:
        rows = rows.filter(payer__name__icontains=words)
    order = shared.Sorting(request, SORTS, "open")
    found, page = shared.one_page(request, rows, order.field, noun="projects", descending=order.descending)
    record("underpayment.listed", "underpayment_project", count=len(found))
    lines = visible(LineComparison.objects.filter(is_current=True), tenant).order_by()
    by_status = dict(lines.values_list("status").annotate(n=Count("id")))
    every = [mark for key, mark in marks.items() if key in whole.practice_ids]
    options = [("", "Open", sum(counts.get(one, 0) for one in LIVE))]
    options += [(one.value, one.label, counts[one]) for one in ProjectState if counts.get(one)]
    options += [("all", "All", sum(counts.values()))]
    context = {
        "today": day,
        "tabs": shared.tab_links(request, "state", options),
        "filters": [
            shared.chooser(request, "practice", "Practice", [(one["code"], one["name"]) for one in every])
        ]
        if len(every) > 1
        else [],
        "search": {
            "action": "/underpayments",
            "q": words,
            "placeholder": "Payer",
            "keep": shared.keep(request),
        },
        "by_status": [
            {
                "label": one.label,
                "n": by_status.get(one.value, 0),
                "url": f"/underpayments/lines?status={one.value}",
            }
            for one in (Status.AGREED, Status.UNDERPAID, Status.OVERPAID, Status.UNKNOWN)
        ],
        "columns": shared.columns(
            "What was found",
            "Payer",
            "Practice",
            ("Lines", "num"),
            ("Dates of service", ""),
            ("Age (days)", "num", "opened"),
            ("Asked ($)", "num"),
            ("Came back ($)", "num", "back"),
            ("Open ($)", "num", "open"),
            "State",
            order=order,
        ),
        "rows": [_row(row, marks, day) for row in found],
        "page": page,
        "empty": {
            "title": "Nothing was paid below a contract" if not counts else "No project here",
            "text": "Every paid line with a rate is compared to the cent when its payment is posted."
            if not counts
            else "No project is in this state.",
        },
    }
    return render(request, "underpaid/list.html", context)


def _row(row: UnderpaymentProject, marks: dict, day: date) -> dict:
    tone, glyph = TONES[ProjectState(row.state)]
    return {
        "url": f"/underpayments/{row.pk}",
        "number": row.number,
        "label": row.label[:1].upper() + row.label[1:],
        "payer": row.payer.name,
        "practice": marks.get(row.practice_id),
        "lines": row.lines_count,
        "open_lines": row.open_count,
        "first_on": row.first_on,
        "last_on": row.last_on,
        "age": ((row.closed_on or day) - row.opened_on).days,
        "total_cents": row.total_cents,
        "recovered_cents": row.recovered_cents,
        "open_cents": row.open_cents,
        "state": row.state,
        "state_label": row.get_state_display(),
        "tone": tone,
        "icon": glyph,
        "asked_at": row.asked_at,
    }


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def project(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """One project: what is asked line by line, with which rate and why; what came back; the letter."""
    one = access_project(request.tenant, project_id)
    marks, day = shared.marks(request), shared.today(request)
    sums = projects_in_reach(request.tenant).get(pk=one.pk)
    rows = list(project_lines(request.tenant, one)[: LINES_SHOWN + 1])
    record("underpayment.read", "underpayment_project", one.pk, practice_id=one.practice_id)
    acting = shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids
    may_act = one.practice_id in acting and one.state in LIVE
    text = one.letter or letter_text(one, written_on=day, signer=request.user.display_name)
    context = {
        "today": day,
        "row": _row(sums, marks, day),
        "project": one,
        "may_act": may_act,
        "may_ask": may_act and one.state == ProjectState.COLLECTING,
        "contract_url": "",
        "lines": [_line(line) for line in rows[:LINES_SHOWN]],
        "more": max(sums.lines_count - LINES_SHOWN, 0),
        "letter": text.split("\n\n"),
        "events": list(
            ProjectEvent.objects.filter(project=one, practice_id=one.practice_id).order_by(
                "-happened_at", "-id"
            )
        ),
        "interest_cents": sum(line.interest_cents for line in rows),
        "refusals": _refusals(rows),
    }
    return render(request, "underpaid/project.html", context)


def _line(line) -> dict:
    said = line.comparison
    return {
        "id": line.pk,
        "claim_number": line.claim.claim_number,
        "claim_url": f"/claims/{line.claim_id}",
        "patient": line.claim.patient.initials,
        "on": line.claim_line.date_of_service,
        "code": line.claim_line.code,
        "modifiers": line.claim_line.modifiers,
        "units": line.claim_line.units,
        "allowed_cents": said.allowed_cents,
        "due_cents": said.expected_allowed_cents,
        "paid_cents": said.paid_cents,
        "short_cents": line.asked_cents,
        "interest_cents": line.interest_cents,
        "interest_why": said.interest_why,
        "why": said.why,
        "rate": said.rate_id,
        "steps": said.steps,
        "source": said.rate_source,
        "recovered_cents": line.recovered_cents,
        "state": line.state,
        "state_label": line.get_state_display(),
        "tone": LINE_TONES[LineState(line.state)],
        "reason": line.reason,
        "settled_on": line.settled_on,
        "settled_url": f"/remittances/{line.settled_by_id}" if line.settled_by_id else "",
    }


def _refusals(rows: list) -> list[dict]:
    """Why interest could not be worked out, each reason once, with its lines."""
    found: dict[str, int] = {}
    for line in rows:
        if line.comparison.interest_due_cents is None and line.comparison.interest_why:
            found[line.comparison.interest_why] = found.get(line.comparison.interest_why, 0) + 1
    return [{"why": why, "n": n} for why, n in sorted(found.items())]


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def letter(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The letter and its list, to print: as it was sent, or as it would be sent today."""
    one = access_project(request.tenant, project_id)
    record("underpayment.letter", "underpayment_project", one.pk, practice_id=one.practice_id)
    data = project_pdf(one, written_on=shared.today(request), signer=request.user.display_name)
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="underpaid-{one.practice.code}-{one.number}.pdf"'
    return answer


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def workbook(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The lines as a workbook (XLSX)."""
    one = access_project(request.tenant, project_id)
    record("underpayment.exported", "underpayment_project", one.pk, practice_id=one.practice_id)
    answer = HttpResponse(project_xlsx(one), content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="underpaid-{one.practice.code}-{one.number}.xlsx"'
    return answer


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def listed(request: HttpRequest, project_id: UUID) -> HttpResponse:
    """The lines as CSV."""
    one = access_project(request.tenant, project_id)
    record("underpayment.exported", "underpayment_project", one.pk, practice_id=one.practice_id)
    answer = HttpResponse(project_csv(one), content_type="text/csv")
    answer["Content-Disposition"] = f'attachment; filename="underpaid-{one.practice.code}-{one.number}.csv"'
    return answer
