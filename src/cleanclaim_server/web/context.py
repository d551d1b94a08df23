"""What the frame of every page shows: counts beside the entries, the practice switcher, who is signed in."""

from __future__ import annotations

from django.db.models import Count, Q
from django.http import HttpRequest
from django.urls import reverse

from cleanclaim_server.identity.access import grants_of, tenant_for
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import enter
from cleanclaim_server.web.views.edits.reads import stopped_by_practice
from cleanclaim_server.web.views.queue_reads import open_items
from cleanclaim_server.web.views.shared import SWITCH, marks, now, today
from cleanclaim_server.work.models import Queue

# What a page of the sidebar asks for; a person without it does not see the entry.
NEEDS = {
    "today": (DataClass.CLAIM, Access.READ),
    "work": (DataClass.CLAIM, Access.READ),
    "practices": (DataClass.CLAIM, Access.READ),
    "patients": (DataClass.DEMOGRAPHICS, Access.READ),
    "sessions": (DataClass.CLAIM, Access.READ),
    "edits": (DataClass.CLAIM, Access.READ),
    "claims": (DataClass.CLAIM, Access.READ),
    "batches": (DataClass.CLAIM, Access.READ),
    "rejections": (DataClass.CLAIM, Access.READ),
    "remittances": (DataClass.LEDGER, Access.READ),
    "bank": (DataClass.BANK, Access.LIMITED),
    "denials": (DataClass.CLAIM, Access.READ),
    "underpayments": (DataClass.LEDGER, Access.READ),
    "contracts": (DataClass.CONTRACTS, Access.READ),
    "balances": (DataClass.LEDGER, Access.READ),
    "month": (DataClass.LEDGER, Access.READ),
    "rule_book": (DataClass.RULES, Access.READ),
    "code_sets": (DataClass.RULES, Access.READ),
    "rules": (DataClass.RULES, Access.READ),
    "audit": (DataClass.AUDIT_LOG, Access.READ),
    "users": (DataClass.USERS, Access.FULL),
    "settings": (DataClass.CONTRACTS, Access.READ),
}
COUNTED = {
    "sessions": (Queue.UNSIGNED, Queue.SESSION),
    "rejections": (Queue.REJECTED,),
    "remittances": (Queue.REMITTANCE, Queue.UNMATCHED),
    "bank": (Queue.BANK,),
    "denials": (Queue.DENIED,),
    "underpayments": (Queue.UNDERPAID,),
    "balances": (Queue.PATIENT,),
    "batches": (Queue.READY, Queue.UNSURE, Queue.FILE),
}


def shell(request: HttpRequest) -> dict:
    """Context of the frame; empty for fragments and where nobody is signed in."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated or request.headers.get("HX-Request") == "true":
        return {}
    roles = grants_of(user)
    held = {need: tenant_for(user, *need, grants=roles) for need in set(NEEDS.values())}
    hidden = [key for key, need in NEEDS.items() if not held[need].practice_ids]
    if user.is_user_admin:
        hidden = [key for key in hidden if key not in ("users", "settings")]
    names = sorted({role.label for grants in roles.values() for role, _ in grants})
    context = {
        "nav": {},
        "nav_hidden": hidden,
        "demo": user.agency.is_demo,
        "as_of": now(),
        "today": today(request),
        "me": {"name": user.display_name, "role": ", ".join(names)},
    }
    mine = {key: mark for key, mark in marks(request).items() if key in roles}
    current = next((mark for mark in mine.values() if mark["code"] == request.session.get(SWITCH)), None)
    claim_need = (DataClass.CLAIM, Access.READ)
    per_practice: dict = {}
    stopped: dict = {}
    if held[claim_need].practice_ids:
        with enter(held[claim_need]):
            rows = open_items(held[claim_need], context["today"]).order_by()
            counts = {
                f"q_{queue}": Count("id", filter=Q(queue=queue))
                for queues in COUNTED.values()
                for queue in queues
            }
            for row in rows.values("practice_id").annotate(all_n=Count("id"), **counts):
                per_practice[row["practice_id"]] = row
            # Claims, not work: a snoozed claim is still stopped, and an unsigned note stops one too.
            stopped = stopped_by_practice(held[claim_need])
    shown = [row for key, row in per_practice.items() if current is None or mine.get(key) is current]
    context["nav"] = {
        "work": sum(row["all_n"] for row in shown),
        "edits": sum(n for key, n in stopped.items() if current is None or mine.get(key) is current),
        **{
            key: sum(row[f"q_{queue}"] for row in shown for queue in queues)
            for key, queues in COUNTED.items()
        },
    }
    switch = reverse("web:switch")
    if len(mine) > 1:
        context["switch"] = {
            "agency": user.agency.name,
            "all_url": switch,
            "all_n": sum(row["all_n"] for row in per_practice.values()),
            "current": current,
            "options": [
                {**mark, "url": f"{switch}?to={mark['code']}", "n": per_practice.get(key, {}).get("all_n", 0)}
                for key, mark in mine.items()
            ],
        }
    context["practices"] = [current] if current else list(mine.values())
    return context
