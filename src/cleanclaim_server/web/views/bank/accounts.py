"""Bank accounts of a practice: name, last four, who is paid into it."""

from __future__ import annotations

import re
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim_server.bank.access import access_account
from cleanclaim_server.bank.actions import BankRefused, add_account, change_account
from cleanclaim_server.bank.models import BankAccount
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.access import access_practice
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.bank.acts import decider

FIELD_OF = {
    "bank.account_name_missing": "name",
    "bank.account_last_four": "last_four",
    "bank.account_known": "last_four",
    "bank.payee_not_npi": "payees",
    "bank.payee_elsewhere": "payees",
}


@requires(DataClass.LEDGER, Access.FULL)
@require_http_methods(["GET", "POST"])
def new_account(request: HttpRequest) -> HttpResponse:
    """Put an account on file."""
    marks = {key: mark for key, mark in shared.marks(request).items() if key in request.tenant.practice_ids}
    codes = sorted((mark["code"], mark["name"]) for mark in marks.values())
    typed = _typed(request) if request.method == "POST" else {"practice": request.GET.get("practice", "")}
    if request.method == "GET":
        return _form(request, None, typed, {}, codes)
    practice = access_practice(request.tenant, typed["practice"])
    try:
        with transaction.atomic():
            made = add_account(
                practice, name=typed["name"], last_four=typed["last_four"], payees=_npis(typed["payees"]),
                by=decider(request), now=shared.now(),
            )  # fmt: skip
    except BankRefused as error:
        return _form(request, None, typed, {FIELD_OF.get(error.code, ""): f"{error}."}, codes, 422)
    messages.success(request, f"{made} is on file. Now bring in its first file.")
    return redirect("web:bank")


@requires(DataClass.LEDGER, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit_account(request: HttpRequest, account_id: UUID) -> HttpResponse:
    """Rename an account, say who is paid into it, or use it no more; its lines stay."""
    one = access_account(request.tenant, account_id)
    if request.method == "GET":
        typed = {"name": one.name, "payees": " ".join(one.payees), "is_active": "1" if one.is_active else ""}
        return _form(request, one, typed, {})
    typed = _typed(request)
    try:
        with transaction.atomic():
            change_account(
                one, name=typed["name"], payees=_npis(typed["payees"]), is_active=bool(typed["is_active"]),
                by=decider(request),
            )  # fmt: skip
    except BankRefused as error:
        return _form(request, one, typed, {FIELD_OF.get(error.code, ""): f"{error}."}, status=422)
    messages.success(request, f"{one} is changed.")
    return redirect("web:bank")


def _typed(request: HttpRequest) -> dict[str, str]:
    names = ("practice", "name", "last_four", "payees", "is_active")
    return {name: request.POST.get(name, "").strip()[:400] for name in names}


def _npis(text: str) -> list[str]:
    return [part for part in re.split(r"[\s,;]+", text) if part]


def _form(
    request: HttpRequest, one: BankAccount | None, typed: dict, errors: dict, codes=(), status: int = 200
) -> HttpResponse:
    fields = [
        {"name": "name", "label": "Name", "kind": "text", "span": 6, "hint": "As your people call it."},
    ]
    if one is None:
        fields.append(
            {
                "name": "last_four", "label": "Last four characters", "kind": "text", "span": 3,
                "hint": "Never the whole number.",
            }
        )  # fmt: skip
        if len(codes) > 1:
            fields.insert(
                0,
                {
                    "name": "practice", "label": "Practice", "kind": "select", "span": 6,
                    "options": [(code, f"{code} · {name}") for code, name in codes],
                },
            )  # fmt: skip
        elif codes:
            typed = typed | {"practice": codes[0][0]}
    fields.append(
        {
            "name": "payees", "label": "Payee NPIs", "kind": "text", "span": 12,
            "hint": "Only where this account is for some payees alone. Empty: all others.",
        }
    )  # fmt: skip
    if one is not None:
        fields.append({"name": "is_active", "label": "In use", "kind": "check", "span": 12})
    for field in fields:
        field |= {"value": typed.get(field["name"], ""), "error": errors.get(field["name"], "")}
    context = {
        "today": shared.today(request),
        "account": one,
        "sections": [{"title": "", "fields": fields}],
        "general": [text for key, text in errors.items() if not key],
        "only_practice": codes[0][0] if one is None and len(codes) == 1 else "",
        "button": "Save" if one else "Add the account",
    }
    return render(request, "bank/account.html", context, status=status)
