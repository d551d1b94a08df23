"""Claims before they are sent: green goes, amber was repaired, red is stopped, grouped by what stops it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.coding.notes import requirements
from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import Claim
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import payer_words, shared
from cleanclaim_server.web.views.edits import reads
from cleanclaim_server.web.views.mending import fix_url
from cleanclaim_server.web.views.rows import claim_row

OVERRIDE = "stop_unless_overridden"
HELD_BY = {
    "hold.manual": "A person holds it. Their word ends the hold, on the claim's page.",
    "hold.primary_pending": "It waits for the earlier payer's answer, or for a person who lets it go.",
    "hold.crossover": "The earlier payer forwards it; it goes only if that does not happen.",
}


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def before_sending(request: HttpRequest) -> HttpResponse:
    """The three lights; below, what stops claims (red), or the claims of one light."""
    tenant = shared.in_view(request)
    view = request.GET.get("light", "")
    lights = reads.lights(tenant)
    may = bool(shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids)
    context: dict[str, Any] = {
        "today": shared.today(request),
        "lights": lights,
        "view": view if view in ("green", "amber") else "red",
        "tabs": [
            {
                "label": label,
                "n": lights[key].n,
                "url": shared.link(request, light=None if key == "red" else key),
                "current": (view if view in ("green", "amber") else "red") == key,
            }
            for key, label in (("red", "Stopped"), ("amber", "Repaired"), ("green", "Go as they are"))
        ],
        "may_act": may,
    }
    if context["view"] == "red":
        found = reads.groups(tenant)
        context["groups"] = [_group(group) for group in found]
        record("claim.grouped", "claim", count=lights["red"].n, groups=len(found))
    else:
        rows = reads.amber(tenant) if view == "amber" else reads.green(tenant)
        context |= _claims(request, rows, diffs=view == "amber")
        record("claim.listed", "claim", count=len(context["rows"]))
    return render(request, "edits/before.html", context)


@requires(DataClass.CLAIM, Access.READ)
@require_GET
def finding(request: HttpRequest, code: str) -> HttpResponse:
    """The claims that one finding stops, each with the field that mends it, and what can be done to all."""
    tenant = shared.in_view(request)
    edit = reads.edit_of(code)
    rows = reads.claims_of(tenant, code)
    shown, page = _page(request, rows)
    findings = reads.findings_of([row.pk for row in shown], code)
    first = next(iter(findings.values()), [None])[0]
    severity = first.severity if first else edit.severity.value if edit else "stop"
    may = bool(shared.also(request, DataClass.CLAIM, Access.FULL).practice_ids)
    repair = reads.repair_for(code)
    record("claim.listed", "claim", count=len(shown), code=code)
    context = {
        "today": shared.today(request),
        "code": code,
        "title": title_of(code, first.message if first else ""),
        "severity": severity,
        "remedy": edit.remedy if edit and "{" not in edit.remedy else first.remedy if first else "",
        "say": HELD_BY.get(code, ""),
        "sources": [f"{source.id} {source.at}".strip() for source in edit.sources] if edit else [],
        "prevents": reads.prevented(edit),
        "repair": repair.says if repair else "",
        "may_fix": may and not code.startswith(("hold.", "notes.")) and code != "edits.note_unsigned",
        "may_override": may and severity == OVERRIDE,
        "may_act": may,
        "fix_url": f"/edits/{code}/fix",
        "override_url": f"/edits/{code}/override",
        "rows": [_stopped(row, findings.get(row.pk, []), request, may) for row in shown],
        "page": page,
    }
    return render(request, "edits/finding.html", context)


def title_of(code: str, message: str = "") -> str:
    """How a finding is called in lists."""
    edit = reads.edit_of(code)
    if edit:
        return edit.title
    if code in requirements():
        return f"Note: {requirements()[code].title[0].lower()}{requirements()[code].title[1:]}"
    if code.startswith("practice_rules."):
        return f"Our rule {code.split('.')[1]}: {message}" if message else f"Our rule {code.split('.')[1]}"
    return message or code


def _group(group: reads.Group) -> dict[str, Any]:
    edit, repair = group.edit, group.repair
    return {
        "url": f"/edits/{group.code}",
        "code": group.code,
        "title": title_of(group.code, group.message),
        "severity": group.severity,
        "remedy": edit.remedy if edit and "{" not in edit.remedy else _remedy(group.code),
        "n": group.n,
        "alone": group.alone,
        "cents": group.cents,
        "due": group.due,
        "due_proven": group.due_proven,
        "prevents": reads.prevented(edit),
        "repair": repair.says if repair else "",
    }


def _remedy(code: str) -> str:
    """What to do about what is no edit: a note's requirement, or a hold."""
    if code in requirements():
        return requirements()[code].remedy if "{" not in requirements()[code].remedy else ""
    return HELD_BY.get(code, "")


def _page(request: HttpRequest, rows) -> tuple[list[Claim], dict]:
    rows = rows.select_related("patient", "payer", "rendering_provider", "family")
    return shared.one_page(request, rows, "date_of_service", noun="claims", descending=False)


def _claims(request: HttpRequest, rows, *, diffs: bool) -> dict[str, Any]:
    marks = shared.marks(request)
    shown, page = _page(request, rows)
    repairs = reads.diffs_of([row.pk for row in shown]) if diffs else {}
    return {
        "rows": [claim_row(row, marks) | {"diffs": repairs.get(row.pk, [])} for row in shown],
        "page": page,
    }


def _stopped(row: Claim, findings: list, request: HttpRequest, may: bool) -> dict[str, Any]:
    """One claim of a group: what the edit says of it, and the field that mends it."""
    first = findings[0] if findings else None
    record_ = payer_words.mended_in(first.code) if first else ""
    back = shared.link(request)
    return claim_row(row, shared.marks(request)) | {
        "messages": [one.message for one in findings],
        "fix_url": fix_url(row, record_, code=first.code, back=back) if first and may else "",
        "fix_word": payer_words.MEND_WORDS.get(record_, ""),
        "override_url": f"/claims/{row.pk}/findings/{first.pk}/override"
        if first and may and first.severity == OVERRIDE
        else "",
    }
