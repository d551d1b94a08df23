"""What every settings page shares: the left column, the form, the practice in reach, and refusals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from cleanclaim_server.identity.access import may_set_up_agency, refuse
from cleanclaim_server.practice.actions import SetUpRefused
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared

ADDRESS = [
    ("address_line1", "Street", "text", 8),
    ("address_line2", "Suite", "text", 4),
    ("city", "City", "text", 5),
    ("state", "State", "select", 3),
    ("postal_code", "Postal code", "text", 4, "Nine digits"),
]


def navigation(request: HttpRequest, current: str) -> dict:
    """The left column: the agency's pages, then a line for each practice."""
    practices = list(visible(Practice.objects.all(), request.tenant).order_by("code"))
    agency = [
        {"label": "Set-up", "url": "/settings", "key": "overview"},
        {"label": "Agency", "url": "/settings/agency", "key": "agency"},
        {"label": "Payers and plans", "url": "/settings/payers", "key": "payers"},
        {"label": "Trading partners", "url": "/settings/partners", "key": "partners"},
    ]
    return {
        "today": shared.today(request),
        "section": "settings",
        "tabs": [item | {"current": item["key"] == current} for item in agency],
        "practice_tabs": [
            {
                "label": row.name,
                "url": f"/settings/practices/{row.pk}",
                "current": current == str(row.pk),
                "mark": {"code": row.code, "name": row.name, "hue": row.hue},
            }
            for row in practices
        ],
        "may_agency": may_set_up_agency(request.user),
    }


def drawn_fields(form: forms.Form, layout: Sequence[tuple]) -> list[dict]:
    """Fields as `settings/form.html` draws them: (name, label, kind, span, hint) by section."""
    sections = []
    for title, rows in layout:
        drawn = []
        for name, label, kind, span, *more in rows:
            bound = form[name]
            error = "" if not bound.errors else str(bound.errors[0])
            secret = kind == "password"
            drawn.append(
                {
                    "name": name,
                    "label": label,
                    "kind": kind,
                    "span": span,
                    "hint": more[0] if more else "",
                    "value": "" if secret or (kind == "area" and not error) else bound.value(),
                    "error": error,
                    "options": [(str(value), text) for value, text in getattr(bound.field, "choices", [])],
                    "options_list": more[1] if len(more) > 1 else None,
                }
            )
        sections.append({"title": title, "fields": drawn})
    return sections


def form_page(
    request: HttpRequest,
    form: forms.Form,
    layout: Sequence[tuple],
    *,
    current: str,
    title: str,
    button: str,
    lead: str = "",
    back: str = "/settings",
    extra: dict | None = None,
) -> HttpResponse:
    context = navigation(request, current) | {
        "title": title,
        "lead": lead,
        "sections": drawn_fields(form, layout),
        "button": button,
        "back": back,
        "general": [str(error) for error in form.non_field_errors()],
    }
    status = 422 if request.method == "POST" and form.errors else 200
    return render(request, "settings/form.html", context | (extra or {}), status=status)


def keep(form: forms.Form, save: Callable[[], Any]) -> Any:
    """Save, or put the refusal where the person looks. None when refused."""
    try:
        return save()
    except SetUpRefused as error:
        form.add_error(error.field if error.field in form.fields else None, f"{error.plain}.")
        return None


def practice_of(request: HttpRequest, practice_id: UUID) -> Practice:
    found = visible(Practice.objects.filter(pk=practice_id), request.tenant).first()
    if found is None:
        raise Http404
    return found


def agency_only(request: HttpRequest) -> HttpResponse | None:
    """What all practices share is changed by those who answer for all of them."""
    return (
        None if may_set_up_agency(request.user) else refuse(request, "contracts", "full, in every practice")
    )


def first_error(form: forms.Form) -> str:
    for name, errors in form.errors.items():
        word = "" if name == "__all__" else f"{name.replace('_', ' ')}: "
        return f"{word}{errors[0]}"
    return "look at the fields."
