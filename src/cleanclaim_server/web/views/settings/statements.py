"""When a practice sends statements: its policy, with the careful defaults."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.statements.actions import save_statement_settings
from cleanclaim_server.statements.planning import Settings, settings_of
from cleanclaim_server.web.views.settings.forms import SetUpForm
from cleanclaim_server.web.views.settings.shell import form_page, practice_of

LAYOUT = [
    (
        "What stays off a statement",
        [
            ("hold_while_insurance_pending", "Visits on which insurance still owes", "check", 12),
            ("hold_while_denial_open", "Visits with an open denial", "check", 12),
        ],
    ),
    (
        "When and how much",
        [
            ("days_after_due", "Days after a share is known", "text", 4, "0 sends at once"),
            ("least", "Least total, $", "text", 4, "Below it nothing is sent"),
            ("days_between", "Days between two statements", "text", 4),
        ],
    ),
]


class StatementForm(SetUpForm):
    """The policy as a person types it."""

    hold_while_insurance_pending = forms.BooleanField(required=False)
    hold_while_denial_open = forms.BooleanField(required=False)
    days_after_due = forms.IntegerField(min_value=0, max_value=365)
    least = forms.DecimalField(min_value=Decimal("0.01"), max_value=Decimal("1000"), decimal_places=2)
    days_between = forms.IntegerField(min_value=1, max_value=365)


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def statement_policy(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Read or change a practice's policy of statements."""
    one = practice_of(request, practice_id)
    now = settings_of(one)
    initial = msgspec.to_builtins(now) | {"least": f"{now.least_cents // 100}.{now.least_cents % 100:02}"}
    form = StatementForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        data["least_cents"] = int(data.pop("least") * 100)
        save_statement_settings(one, Settings(**data))
        record("settings.changed", "practice", one.pk, practice_id=one.pk, fields=sorted(form.changed_data))
        messages.success(request, f"{one.name}: statements follow this from now on.")
        return redirect("web:set_up_practice", one.pk)
    lead = f"{one.name}. A share stays the patient's whatever is set here; this decides when it is asked for."
    return form_page(
        request,
        form,
        LAYOUT,
        current=str(one.pk),
        title="Statements",
        button="Keep it",
        lead=lead,
        back=f"/settings/practices/{one.pk}",
    )
