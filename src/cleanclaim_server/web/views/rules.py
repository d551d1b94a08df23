"""Rules that billers write: the list, one rule with its history, the builder, and the trial before saving."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim.edits.practice_rules import (
    OUTCOMES,
    PracticeRule,
    Replay,
    RuleInvalid,
    read_rule,
    rule_hash,
    sentence,
)
from cleanclaim_server.audit import record
from cleanclaim_server.claimrules.access import access_rule, practices_to_write
from cleanclaim_server.claimrules.actions import RuleRefused, save_rule, switch_rule
from cleanclaim_server.claimrules.models import BillingRule, RuleState, RuleVersion
from cleanclaim_server.claimrules.queries import repairs_of, versions
from cleanclaim_server.claimrules.queries import rules as rules_in_reach
from cleanclaim_server.claimrules.replaying import Past, try_rule
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rule_form import RuleForm

MONTHS = 12


@requires(DataClass.RULES, Access.READ)
@require_GET
def rules(request: HttpRequest) -> HttpResponse:
    """Rules in reach, those that apply first."""
    tenant, marks = shared.in_view(request), shared.marks(request)
    state = request.GET.get("state", "")
    found = rules_in_reach(tenant)
    shown = [row for row in found if not state or row.newest.state == state]
    record("rule.listed", "billing_rule", count=len(shown))
    on = sum(row.newest.state == RuleState.ON for row in found)
    context = {
        "today": shared.today(request),
        "new_url": "/practice-rules/new" if practices_to_write(request.user) & tenant.practice_ids else "",
        "tabs": shared.tab_links(
            request, "state", [("", "All", len(found)), ("on", "On", on), ("off", "Off", len(found) - on)]
        ),
        "columns": shared.columns(
            "Rule",
            "What it does",
            ("Practice", ""),
            ("On trial: claims", "num"),
            ("Paid ($)", "num"),
            ("Repaired", "num"),
            "By",
            "State",
        ),
        "rows": [
            {
                "url": f"/practice-rules/{row.rule.pk}",
                "number": row.rule.number,
                "name": row.newest.name,
                "sentence": row.newest.sentence,
                "practice": marks.get(row.rule.practice_id),
                "state": row.newest.state,
                "changed": row.newest.replay.get("changed"),
                "paid_cents": row.newest.replay.get("paid_cents"),
                "repaired": row.repaired,
                "by": row.newest.made_by_name,
                "at": row.newest.made_at,
                "version": row.newest.number,
            }
            for row in shown
        ],
        "empty": {
            "title": "No rules yet" if not found else "No rules",
            "text": "Write what a payer wants in your words; the edits of the product run anyway.",
            "act": "",
            "url": "",
        },
    }
    return render(request, "rules/list.html", context)


@requires(DataClass.RULES, Access.READ)
@require_GET
def rule(request: HttpRequest, rule_id: UUID) -> HttpResponse:
    """One rule: what it says, what its trial found, its versions, what it repaired."""
    one = access_rule(request.tenant, rule_id)
    history = versions(one)
    record("rule.read", "billing_rule", one.pk, practice_id=one.practice_id)
    newest = history[0]
    context = {
        "today": shared.today(request),
        "rule": one,
        "newest": newest,
        "practice": shared.marks(request).get(one.practice_id),
        "may_write": one.practice_id in practices_to_write(request.user),
        "trial": _trial_of(newest),
        "broken": _broken(newest),
        "history": [
            {"version": version, "trial": _trial_of(version), "change": _change(version, older)}
            for version, older in zip(history, [*history[1:], None], strict=True)
        ],
        "repairs": [
            {
                "at": row.made_at,
                "claim_number": row.claim.claim_number,
                "claim_url": f"/claims/{row.claim_id}",
                "what": _what(row.field, row.line_number),
                "before": row.before,
                "after": row.after,
                "version": row.version.number,
            }
            for row in repairs_of(one, shared.also(request, DataClass.CLAIM, Access.READ))
        ],
    }
    return render(request, "rules/rule.html", context)


def _what(field: str, line: int) -> str:
    words = field.replace("_", " ")
    return f"Line {line}, {words}" if line else words.capitalize()


def _broken(version: RuleVersion) -> str:
    try:
        read_rule(version.document)
    except RuleInvalid as error:
        return str(error)
    return ""


def _change(version: RuleVersion, older: RuleVersion | None) -> str:
    if older is None:
        return "Written"
    if version.document != older.document:
        return "Changed" if version.state == older.state else "Changed and turned on"
    return "Turned on" if version.state == RuleState.ON else "Turned off"


def _trial_of(version: RuleVersion) -> dict[str, Any]:
    """The trial that a version keeps, for people."""
    kept = version.replay
    if not kept:
        return {}
    outcomes = [
        {"label": OUTCOMES[name], "name": name, **kept["outcomes"][name]}
        for name in OUTCOMES
        if name in kept["outcomes"]
    ]
    return {**kept, "outcomes": outcomes}


@requires(DataClass.RULES, Access.FULL)
@require_http_methods(["GET", "POST"])
def write(request: HttpRequest, rule_id: UUID | None = None) -> HttpResponse:
    """The builder. GET opens it; POST saves what was tried."""
    one = access_rule(request.tenant, rule_id) if rule_id else None
    practices = _practices(request, one)
    newest = versions(one)[0] if one else None
    form = (
        RuleForm.of_post(request.POST)
        if request.method == "POST"
        else RuleForm.of_document(newest.document if newest else None)
    )
    practice = _chosen(practices, request)
    if request.method == "POST" and not form.reshape(request.POST):
        try:
            document = form.rule()
            version = save_rule(
                document,
                practice,
                tried=request.POST.get("tried", ""),
                acting_user=request.user,
                now=shared.now(),
                today=shared.today(request),
                rule=one,
                based_on=_number(request.POST.get("based_on")),
            )
        except RuleInvalid as error:
            form.take(error)
        except RuleRefused as refused:
            form.errors.append(str(refused))
        else:
            messages.success(
                request, f"Rule {version.rule.number} applies from now on to claims that have not left."
            )
            return redirect("web:practice_rule", version.rule_id)
    return render(request, "rules/write.html", _builder(request, form, one, newest, practices, practice))


@requires(DataClass.RULES, Access.FULL)
@require_POST
def reshape(request: HttpRequest) -> HttpResponse:
    """The builder's fields again, after a field, an operator, the action or their number changed."""
    form = RuleForm.of_post(request.POST)
    form.reshape(request.POST)
    return _redrawn(request, form, fields=True)


@requires(DataClass.RULES, Access.FULL)
@require_POST
def retell(request: HttpRequest) -> HttpResponse:
    """The sentence again, after a value changed; what is being typed stays untouched."""
    return _redrawn(request, RuleForm.of_post(request.POST), fields=False)


def _redrawn(request: HttpRequest, form: RuleForm, *, fields: bool) -> HttpResponse:
    context = {
        "form": form,
        "fields": fields,
        "sentence": _sentence(form),
        "replay": None,
        "stale": _is_stale(form, request.POST.get("tried")),
    }
    return render(request, "rules/redrawn.html", context)


@requires(DataClass.RULES, Access.FULL)
@require_POST
def trial(request: HttpRequest) -> HttpResponse:
    """The rule tried on the last 12 months, as a fragment with the button that saves it."""
    practices = _practices(request, None)
    form = RuleForm.of_post(request.POST)
    try:
        document = form.rule()
    except RuleInvalid as error:
        form.take(error)
        return render(request, "rules/trial.html", {"form": form, "replay": None})
    practice = _chosen(practices, request)
    found, past = try_rule(document, [practice.pk], today=shared.today(request), months=MONTHS)
    record(
        "rule.tried", "billing_rule", practice_id=practice.pk, claims=found.looked_at, changed=found.changed
    )
    return render(
        request,
        "rules/trial.html",
        {"form": form, "replay": _shown(found, past, document), "sentence": sentence(document)},
    )


@requires(DataClass.RULES, Access.FULL)
@require_POST
def switch(request: HttpRequest, rule_id: UUID, state: str) -> HttpResponse:
    """Turn a rule on or off."""
    one = access_rule(request.tenant, rule_id)
    try:
        switch_rule(one, RuleState(state), acting_user=request.user, now=shared.now())
    except RuleRefused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"Rule {one.number} is {state} for claims that have not left.")
    return redirect("web:practice_rule", one.pk)


def _practices(request: HttpRequest, one: BillingRule | None) -> list[Practice]:
    """Practices whose rules this person may write; of a rule that exists only its own."""
    mine = request.tenant.practice_ids if one is None else {one.practice_id}
    return list(Practice.objects.filter(agency_id=request.user.agency_id, pk__in=mine).order_by("code"))


def _chosen(practices: list[Practice], request: HttpRequest) -> Practice:
    asked = request.POST.get("practice") or request.GET.get("practice") or request.session.get(shared.SWITCH)
    return next((practice for practice in practices if practice.code == asked), practices[0])


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 9 else 0


def _sentence(form: RuleForm) -> str:
    try:
        return sentence(form.rule(named=True))
    except RuleInvalid:
        return ""


def _is_stale(form: RuleForm, tried: str | None) -> bool:
    """Whether a trial on the page is of another rule than the form says now."""
    if not tried:
        return False
    try:
        return rule_hash(form.rule(named=True)) != tried
    except RuleInvalid:
        return True


def _builder(
    request: HttpRequest,
    form: RuleForm,
    one: BillingRule | None,
    newest: RuleVersion | None,
    practices: list[Practice],
    practice: Practice,
) -> dict:
    marks = shared.marks(request)
    return {
        "today": shared.today(request),
        "heading": f"Rule {one.number}, new version" if one else "New rule",
        "save_url": f"/practice-rules/{one.pk}/write" if one else "/practice-rules/new",
        "back_url": f"/practice-rules/{one.pk}" if one else "/practice-rules",
        "rule": one,
        "based_on": newest.number if newest else 0,
        "form": form,
        "sentence": _sentence(form),
        "practice": practice,
        "mark": marks.get(practice.pk),
        "practices": [(row.code, row.name) for row in practices],
        "replay": None,
    }


def _shown(found: Replay, past: Past, document: PracticeRule) -> dict[str, Any]:
    """The replay for people: shares with words, claims with links."""
    most = max((share.claims for share in found.months), default=0)
    return {
        **msgspec.structs.asdict(found),
        "repairs": document.action.kind in ("set", "add_modifier"),
        "tells": document.action.kind == "warn",
        "outcomes": [
            {**msgspec.structs.asdict(share), "word": OUTCOMES[share.label]} for share in found.outcomes
        ],
        "months": [
            {
                **msgspec.structs.asdict(share),
                "label": f"{date.fromisoformat(share.label + '-01'):%b %Y}",
                "width": round(share.claims * 100 / most),
            }
            for share in found.months
        ],
        "examples": [
            {
                **msgspec.structs.asdict(one),
                "url": f"/claims/{past.claim_ids[one.claim_row]}",
                "word": OUTCOMES[one.outcome],
            }
            for one in found.examples
        ],
    }


urlpatterns = [
    path("practice-rules", rules, name="practice_rules"),
    path("practice-rules/new", write, name="write_practice_rule"),
    path("practice-rules/fields", reshape, name="practice_rule_fields"),
    path("practice-rules/sentence", retell, name="practice_rule_sentence"),
    path("practice-rules/trial", trial, name="practice_rule_trial"),
    path("practice-rules/<uuid:rule_id>", rule, name="practice_rule"),
    path("practice-rules/<uuid:rule_id>/write", write, name="rewrite_practice_rule"),
    path("practice-rules/<uuid:rule_id>/on", switch, {"state": "on"}, name="practice_rule_on"),
    path("practice-rules/<uuid:rule_id>/off", switch, {"state": "off"}, name="practice_rule_off"),
]
