"""What asks for a person and what may be done: work, findings, holds, the menu."""

from __future__ import annotations

from django.http import HttpRequest

from cleanclaim_server.claims.codes import ADJUDICATED, Lifecycle
from cleanclaim_server.cycle.handling import MANUAL_RELEASE, OWNERS, WRITE_OFF_KINDS, is_unsent
from cleanclaim_server.web.views import payer_words
from cleanclaim_server.web.views.claim_page.loading import Loaded
from cleanclaim_server.web.views.mending import fix_url


def item_of(request: HttpRequest, it: Loaded) -> dict | None:
    """The work item behind the page: what it needs, by when, and who has it."""
    if not it.items:
        return None
    ordered = sorted(it.items, key=lambda row: (row.due_on is None, row.due_on or row.opened_on))
    row = ordered[0]
    mine = row.assigned_to == request.user.pk
    return {
        "id": row.pk,
        "title": row.title,
        "due": row.due_on,
        "due_enforceable": row.due_enforceable,
        "opened_on": row.opened_on,
        "mine": mine,
        "others": len(ordered) - 1,
        "owner": it.names.get(row.assigned_to, "A colleague") if row.assigned_to else "",
        "take_url": f"/work/{row.pk}/take",
        "give_url": f"/work/{row.pk}/give",
        "snooze_url": f"/work/{row.pk}/snooze",
    }


def gravity(row) -> int:
    """What stops stands first, what is overridden or only told last."""
    return {"stop": 0, "stop_unless_overridden": 1}.get(row.severity, 2) + (2 if row.overridden_at else 0)


def finding_row(row, it: Loaded) -> dict:
    """A finding as `{% finding %}` shows it, with the record that mends it and the way to override it."""
    one = it.claim
    record_ = payer_words.mended_in(row.code) if is_unsent(one) else ""
    may = it.may_act and row.severity == "stop_unless_overridden" and not row.overridden_at and is_unsent(one)
    where = f"Line {row.line_number}" if row.line_number else ""
    url = fix_url(one, record_, code=row.code) if row.severity != "tell" else ""
    return {
        "severity": row.severity,
        "message": row.message,
        "remedy": row.remedy,
        "code": row.code,
        "sources": row.sources,
        "where": "" if row.message.startswith(where) else where,
        "overridden_by_name": it.names.get(row.overridden_by, ""),
        "override_reason": row.override_reason,
        "act": {"label": payer_words.MEND_WORDS[record_], "url": url} if url and it.may_act else None,
        "override_url": f"/claims/{one.pk}/findings/{row.pk}/override" if may else "",
        "id": row.pk,
    }


def hold_row(row, it: Loaded) -> dict:
    may = it.may_act and row.cause in MANUAL_RELEASE
    return {
        "cause": row.get_cause_display(),
        "detail": f"{row.detail.rstrip('.')}." if row.detail else "",
        "since": row.opened_at,
        "owner": OWNERS.get(row.owner_role, row.owner_role.replace("_", " ")).lower(),
        "release_url": f"/claims/{it.claim.pk}/holds/{row.pk}/release" if may else None,
    }


def may_hold(it: Loaded) -> bool:
    held = any(row.cause == "manual" for row in it.holds)
    return it.claim.lifecycle in (Lifecycle.DRAFT, Lifecycle.HELD, Lifecycle.READY) and not held


def write_off_form(it: Loaded) -> dict | None:
    """The form that gives up what a payer denied; none where nothing is denied, or for another role."""
    if not it.may_act or not any(row.state in ("open", "working") for row in it.denials):
        return None
    return {
        "url": f"/claims/{it.claim.pk}/write-off",
        "kinds": [(kind.value, word) for kind, word in WRITE_OFF_KINDS.items()],
    }


def menu_of(it: Loaded) -> list[dict]:
    """The menu: what is possible but not likeliest."""
    form = "UB-04" if it.claim.bill_type else "red CMS-1500"
    one = it.claim
    acts = [
        {
            "label": "Open the session",
            "icon": "clock",
            "url": f"/sessions/{one.family.encounter_id}",
            "method": "get",
        },
        {"label": "Open the patient", "icon": "users", "url": f"/patients/{one.patient_id}", "method": "get"},
    ]
    if it.found.batch_claims:
        url = f"/batches/{it.found.batch_claims[0].batch_id}"
        acts.append({"label": "Open the batch", "icon": "files", "url": url, "method": "get"})
    acts += [
        {
            "label": label,
            "icon": "printer",
            "url": f"/claims/{one.pk}/paper?on={paper}{'&answers=1' if it.may_money else ''}",
            "method": "get",
        }
        for paper, label in (
            ("form", f"Print on the {form}"),
            ("plain", "Print on plain paper"),
        )
    ]
    if not it.may_act:
        return acts
    if any(row.state == "written_off" for row in it.denials):
        acts.append(
            {
                "label": "Take the write-off back",
                "icon": "undo-2",
                "url": f"/claims/{one.pk}/write-off/undo",
                "method": "post",
            }
        )
    if one.bill_type and one.sequence == "P":
        acts.append(
            {
                "label": "Change what the bill says",
                "icon": "pencil",
                "method": "get",
                "url": f"/programmes/bills/{one.family.encounter_id}",
            }
        )
    if is_unsent(one):
        acts.append(
            {
                "label": "Build anew and run the edits",
                "icon": "refresh-cw",
                "method": "post",
                "url": f"/claims/{one.pk}/mend",
                "fields": {"anyway": "1"},
            }
        )
    if one.payer_state in ADJUDICATED and one.sequence == "P":
        acts.append(
            {
                "label": "Build a corrected claim",
                "icon": "copy",
                "method": "post",
                "url": f"/claims/{one.pk}/correct",
            }
        )
    if one.payer_state in ADJUDICATED:
        acts.append(
            {
                "label": "Void it: billed in error",
                "icon": "ban",
                "method": "post",
                "danger": True,
                "url": f"/claims/{one.pk}/void",
                "fields": {"reason": "Billed in error"},
            }
        )
    return acts
