"""What is done to many claims of one finding: fix all alike with its preview, and override with a reason."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.claims.models import ClaimFinding
from cleanclaim_server.cycle.handling import Fix, HandlingRefused, fix_claim, preview_fix
from cleanclaim_server.cycle.handling.fixing import said
from cleanclaim_server.cycle.intake import override_finding
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import enter
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.edits import reads
from cleanclaim_server.web.views.edits.page import OVERRIDE, title_of

SHOWN = 100
"""Claims of a preview: it does the work and takes it back."""
SECONDS = 4.0
"""How long one step of fixing works before the page hears how far it is."""


@requires(DataClass.CLAIM, Access.FULL)
@require_GET
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """What fixing would do to each claim of a finding; nothing is kept."""
    rows = reads.claims_of(shared.in_view(request), code).order_by("pk")
    total = rows.count()
    by_practice: dict[UUID, list[UUID]] = {}
    for key, practice_id in rows.values_list("pk", "practice_id")[:SHOWN]:
        by_practice.setdefault(practice_id, []).append(key)
    found = preview_fix(
        by_practice, edit=code, actor_id=request.user.pk, now=shared.now(), today=shared.today(request)
    )
    record("claim.fix_previewed", "claim", count=len(found), code=code)
    repair = reads.repair_for(code)
    context = {
        "today": shared.today(request),
        "code": code,
        "title": title_of(code),
        "repair": repair.says if repair else "",
        "total": total,
        "shown": len(found),
        "n_change": sum(not one.refused for one in found),
        "sums": _sums(found),
        "rows": [_shown(one) for one in found if not one.refused],
        "refused": [_shown(one) for one in found if one.refused][:10],
        "run_url": f"/edits/{code}/fix/run",
        "back_url": f"/edits/{code}",
    }
    return render(request, "edits/preview.html", context)


@requires(DataClass.CLAIM, Access.FULL, in_steps=True)
@require_POST
def run(request: HttpRequest, code: str) -> HttpResponse:
    """Fix the next claims of a finding, each in a transaction of its own, for a few seconds.

    The page asks again with the last claim's id until none is left; what one step did stays, whatever
    happens to the next. A claim that fails is told and stops no other.
    """
    counts = {name: _number(request.POST.get(name)) for name in ("done", "go", "refused", "total")}
    after = request.POST.get("after", "")
    until = time.monotonic() + SECONDS
    more = False
    reasons = [text[:200] for text in request.POST.getlist("reason")][:5]
    for key, practice_id, number in _next(request, code, after):
        if time.monotonic() > until:
            more = True
            break
        after = str(key)
        try:
            with enter(request.tenant):
                fix = fix_claim(
                    key,
                    practice_id,
                    edit=code,
                    actor_id=request.user.pk,
                    now=shared.now(),
                    today=shared.today(request),
                )
        except HandlingRefused as refusal:
            counts["refused"] += 1
            reasons = [*reasons, f"{number}: {refusal}"][:5]
        else:
            counts["done"] += 1
            counts["go"] += fix.goes
    context: dict[str, Any] = counts | {
        "code": code,
        "after": after,
        "more": more,
        "reasons": reasons,
        "run_url": f"/edits/{code}/fix/run",
        "seen": counts["done"] + counts["refused"],
    }
    if request.headers.get("HX-Request") == "true":
        with enter(request.tenant):
            return render(request, "edits/progress.html", context)
    if more:
        with enter(request.tenant):
            return render(request, "edits/running.html", context | {"title": title_of(code)})
    text = f"{count_text(counts['done'], 'claim')} fixed, {counts['go']} of them ready to go."
    messages.success(request, text)
    if counts["refused"]:
        messages.warning(
            request, f"{counts['refused']} left as they were. {reasons[0] if reasons else ''}".strip()
        )
    return redirect("/edits" if not counts["refused"] else f"/edits/{code}")


def _next(request: HttpRequest, code: str, after: str) -> Iterator[tuple[UUID, UUID, str]]:
    """Claims of the finding behind the last one, by id: each is offered once in a run."""
    with enter(request.tenant):
        rows = reads.claims_of(shared.in_view(request), code).order_by("pk")
        chosen = shared.chosen_ids(request)
        if chosen:
            rows = rows.filter(pk__in=chosen)
        try:
            rows = rows.filter(pk__gt=UUID(after)) if after else rows
        except ValueError:
            rows = rows.none()
        found = list(rows.values_list("pk", "practice_id", "claim_number")[:500])
    yield from found


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 8 else 0


def _sums(found: list[Fix]) -> list[dict[str, Any]]:
    change = [one for one in found if not one.refused]
    go = sum(one.goes for one in change)
    return [
        {"label": "Would change", "value": f"{len(change):,}"},
        {"label": "Would go", "value": f"{go:,}", "tone": "ok" if go else ""},
        {"label": "Still stopped by something else", "value": f"{len(change) - go:,}"},
        {"label": "Left as they are", "value": f"{len(found) - len(change):,}"},
    ]


def _shown(fix: Fix) -> dict[str, Any]:
    return {
        "url": f"/claims/{fix.claim_id}",
        "number": fix.claim_number,
        "changes": [
            {
                "what": said(one).split(":")[0].capitalize(),
                "before": one.before,
                "after": one.after,
            }
            for one in fix.changes
        ],
        "records": fix.records,
        "goes": fix.goes,
        "left": fix.left,
        "refused": fix.refused,
    }


@requires(DataClass.CLAIM, Access.FULL, in_steps=True)
@require_POST
def override_many(request: HttpRequest, code: str) -> HttpResponse:
    """One reason for the chosen claims of a finding, each written with the person's name.

    Only what a named person may override; a claim that refuses stops no other.
    """
    done, ready, refused = 0, 0, []
    reason = request.POST.get("reason", "")
    with enter(request.tenant):
        mine = reads.waiting(request.tenant).filter(pk__in=shared.chosen_ids(request))
        rows = list(mine.order_by("pk").values_list("pk", "claim_number"))
    for key, number in rows:
        try:
            with enter(request.tenant):
                done += _overridden(request, key, code, reason)
                ready += reads.green(request.tenant).filter(pk=key).exists()
        except ValueError as problem:  # refusals of handling are such, too
            refused.append((number, str(problem)))
    if done:
        messages.success(
            request,
            f"{count_text(done, 'finding')} overridden with your name and reason; "
            f"{count_text(ready, 'claim')} ready to go.",
        )
    if refused:
        messages.error(request, f"{len(refused)} left as they were ({refused[0][0]}): {refused[0][1]}")
    if not done and not refused:
        messages.info(request, "Nothing was chosen that may be overridden.")
    return redirect(shared.back(request, f"/edits/{code}"))


def _overridden(request: HttpRequest, claim_id: UUID, code: str, reason: str) -> int:
    """Override every finding of one code on a claim; the edits run after each, so each is looked up anew."""
    for count in range(100):
        finding = (
            ClaimFinding.objects.filter(
                claim_id=claim_id, code=code, severity=OVERRIDE, overridden_at__isnull=True
            )
            .order_by("line_number", "id")
            .first()
        )
        if finding is None:
            return count
        override_finding(
            finding, reason=reason, actor_id=request.user.pk, now=shared.now(), today=shared.today(request)
        )
    return 100
