"""Settings of a practice: what posts by itself, tried on last month's payments before it is kept."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from cleanclaim.remittance import Automation, CodeRule, Effect, load_policy_book
from cleanclaim_server.audit import record
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.posting.trying import Trial, try_policies
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.postingrules.access import access_policy, may_write_policies
from cleanclaim_server.postingrules.actions import PolicyRefused, forget_hint, save_policy, switch_policy
from cleanclaim_server.postingrules.documents import (
    STATUSES,
    PolicyDocument,
    PolicyInvalid,
    checked,
    fingerprint,
    known_reason,
    sentence,
)
from cleanclaim_server.postingrules.hints import hints_of, in_words
from cleanclaim_server.postingrules.models import Decision, PolicyState
from cleanclaim_server.postingrules.resolving import Policy, newest_versions, policies_in_force
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings.shell import navigation, practice_of

CHOICES = [
    ("all", "Everything that balances posts"),
    ("safe_lines", "Only lines that need no decision post"),
    ("off", "Nothing posts by itself"),
    ("hold", "A code waits for a person"),
    ("stop", "A code is on our stop-list"),
    ("post_and_queue", "A code posts, and somebody looks"),
    ("post", "A code posts without a person"),
    ("tolerance", "A write-off may exceed the contract"),
]
NEEDS_CODE = ("hold", "stop", "post_and_queue", "post")


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def policies(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """What posts by itself in one practice, what the product never posts, and what decisions taught."""
    one = practice_of(request, practice_id)
    record("settings.read", "posting_policy", one.pk, practice_id=one.pk)
    return render(request, "settings/posting.html", _page(request, one, request.GET))


def _page(request: HttpRequest, one: Practice, form: QueryDict | dict, error: str = "") -> dict[str, Any]:
    may_change = may_write_policies(request.user, one.pk)
    here = f"/settings/practices/{one.pk}/posting"
    names = dict(
        visible(Decision.objects.filter(practice=one), request.tenant)
        .exclude(payer_name="")
        .order_by("made_at")
        .values_list("payer_number", "payer_name")
    )
    shipped = [rule for rule in load_policy_book().rules]
    return navigation(request, str(one.pk)) | {
        "practice": one,
        "mark": {"code": one.code, "name": one.name, "hue": one.hue},
        "may_change": may_change,
        "try_url": f"{here}/try",
        "add_url": f"{here}/add",
        "choices": CHOICES,
        "payers": [
            (row.payer_id, row.name) for row in Payer.objects.filter(agency_id=one.agency_id).order_by("name")
        ],
        "statuses": [(key, words.capitalize()) for key, words in STATUSES.items()],
        "form": {
            name: form.get(name, "")
            for name in ("what", "payer", "code", "remark", "status", "tolerance", "why")
        },
        "error": error,
        "rows": [
            {
                "number": row.policy.number,
                "version": row.number,
                "sentence": row.sentence,
                "why": row.document.get("why", ""),
                "is_on": row.state == PolicyState.ON,
                "trial": row.trial,
                "by": row.made_by_name,
                "at": row.made_at,
                "switch_url": f"{here}/{row.policy_id}/{'off' if row.state == PolicyState.ON else 'on'}",
            }
            for row in newest_versions(one.pk)
        ],
        "shipped": [
            {
                "code": _code(rule),
                "meaning": known_reason(rule.carc),
                "effect": _effect(rule),
                "reason": rule.reason,
            }
            for rule in shipped
        ],
        "hints": [
            {
                "payer": names.get(hint.payer_id) or hint.payer_id,
                "payer_number": hint.payer_id,
                "words": in_words(hint),
                "shape": hint.pattern,
                "effect": hint.effect.value,
                "text": hint.text,
                "right": hint.right,
                "wrong": hint.wrong,
                "is_proven": hint.is_proven and hint.effect != "not_ours",
            }
            for hint in hints_of(one.pk)
        ],
        "forget_url": f"{here}/forget",
    }


def _code(rule: CodeRule) -> str:
    return "-".join(part for part in (rule.group, rule.carc) if part)


def _effect(rule: CodeRule) -> str:
    return (
        "never posts by itself"
        if rule.stop
        else {
            Effect.HOLD: "waits",
            Effect.POST_AND_QUEUE: "posts, and somebody looks",
            Effect.POST: "posts",
        }[rule.effect]
    )


def read_document(data: QueryDict | dict, one: Practice) -> tuple[PolicyDocument, Payer | None]:
    """The policy that a form describes.

    Raises:
        PolicyInvalid: It cannot be followed; the message is for its author.
    """
    what = data.get("what", "")
    number = data.get("payer", "").strip()
    payer = Payer.objects.filter(agency_id=one.agency_id, payer_id=number).first() if number else None
    if number and payer is None:
        raise PolicyInvalid("Choose a payer of the list.")
    says: dict[str, Any] = {"why": data.get("why", "").strip()[:160]}
    if payer is not None:
        says |= {"payer_id": payer.payer_id, "payer_name": payer.name}
    if what in ("all", "safe_lines", "off"):
        says["automation"] = Automation(what)
    elif what == "tolerance":
        says["tolerance_cents"] = _cents(data.get("tolerance", ""))
    elif what in NEEDS_CODE:
        says["effect"] = Effect.HOLD if what in ("hold", "stop") else Effect(what)
        says["is_stop"] = what == "stop"
        group, _, reason = data.get("code", "").strip().upper().rpartition("-")
        says |= {
            "group": group,
            "reason_code": reason,
            "remark": data.get("remark", "").strip().upper(),
            "status": data.get("status", "").strip(),
        }
    else:
        raise PolicyInvalid("Choose what happens.")
    return checked(PolicyDocument(**says)), payer


def _cents(text: str) -> int:
    try:
        amount = Decimal(text.strip().lstrip("$") or "x") * 100
    except InvalidOperation:
        raise PolicyInvalid("Type the tolerance in dollars, for instance 1.00.") from None
    if amount != amount.to_integral_value():
        raise PolicyInvalid("A tolerance is whole cents.")
    return int(amount)


def _trials(one: Practice, document: PolicyDocument, request: HttpRequest) -> tuple[Trial, Trial]:
    """What the policies in force would have held of last month, and what they would with this one."""
    today = shared.today(request)
    have = policies_in_force(one.pk)
    return (
        try_policies(one, have, today=today),
        try_policies(one, [*have, Policy("the new policy", document)], today=today),
    )


@requires(DataClass.CONTRACTS, Access.FULL)
@require_POST
def try_policy(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """The policy in a sentence, and what it would have done to last month's payments."""
    one = practice_of(request, practice_id)
    try:
        document, _ = read_document(request.POST, one)
    except PolicyInvalid as error:
        return render(request, "settings/posting_trial.html", {"error": str(error)})
    before, after = _trials(one, document, request)
    record("posting_policy.tried", "practice", one.pk, practice_id=one.pk, payments=after.payments)
    context = {
        "sentence": sentence(document),
        "before": before,
        "after": after,
        "fingerprint": fingerprint(document),
        "more": after.held_payments - before.held_payments,
    }
    return render(request, "settings/posting_trial.html", context)


@requires(DataClass.CONTRACTS, Access.FULL)
@require_POST
def add_policy(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Keep a policy that was tried; it applies to what posts from now on."""
    one = practice_of(request, practice_id)
    try:
        document, payer = read_document(request.POST, one)
        if request.POST.get("tried", "") != fingerprint(document):
            raise PolicyInvalid("It was changed since it was tried. Try it again, then keep it.")
        _, after = _trials(one, document, request)
        version = save_policy(
            document, one, payer=payer, trial=after.as_data(), acting_user=request.user, now=shared.now()
        )
    except (PolicyInvalid, PolicyRefused) as error:
        page = _page(request, one, request.POST, str(error))
        return render(request, "settings/posting.html", page, status=422)
    messages.success(request, f"Kept as policy {version.policy.number}. {version.sentence}")
    return redirect("web:posting_policies", one.pk)


@requires(DataClass.CONTRACTS, Access.FULL)
@require_POST
def switch(request: HttpRequest, practice_id: UUID, policy_id: UUID, state: str) -> HttpResponse:
    """Turn a policy on or off, as a new version."""
    one = practice_of(request, practice_id)
    policy = access_policy(request.tenant, policy_id)
    if policy.practice_id != one.pk:
        raise Http404
    try:
        version = switch_policy(policy, PolicyState(state), acting_user=request.user, now=shared.now())
    except PolicyRefused as error:
        messages.error(request, f"Nothing was changed: {error}")
    else:
        word = "applies again" if version.state == PolicyState.ON else "applies no more"
        messages.success(request, f"Policy {policy.number} {word}. What was posted stays as it is.")
    return redirect("web:posting_policies", one.pk)


@requires(DataClass.CONTRACTS, Access.FULL)
@require_POST
def forget(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Revoke what decisions taught about a payer's numbers."""
    one = practice_of(request, practice_id)
    asked = tuple(request.POST.get(name, "")[:80] for name in ("payer", "shape", "effect", "text"))
    known = {(one.payer_id, one.pattern, one.effect.value, one.text) for one in hints_of(one.pk)}
    if asked not in known:
        messages.error(request, "Nothing was changed: this is not known any more.")
    else:
        forget_hint(one, *asked, actor_id=request.user.pk, now=shared.now())
        messages.success(request, "Forgotten. The next match does not use it; decisions may teach it anew.")
    return redirect("web:posting_policies", one.pk)
