"""From when something is late and from how much it is asked for: the thresholds of a practice."""

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
from cleanclaim_server.cycle.banking import policy as bank
from cleanclaim_server.cycle.thresholds import Followed, change_thresholds
from cleanclaim_server.cycle.underpayments import policy as underpaid
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings.forms import SetUpForm
from cleanclaim_server.web.views.settings.shell import form_page, practice_of

USUAL = msgspec.to_builtins(bank.BankPolicy())
USUAL_LEAST = underpaid.UnderpaymentPolicy().least_cents


def _days(name: str, label: str, more: str = "days") -> tuple:
    return (name, label, "text", 6, f"In {more}; usually {USUAL[name]}")


LAYOUT = [
    (
        "Late at the bank",
        [
            _days("deposit_due_business_days", "Payer announced an EFT, no deposit", "business days"),
            _days("check_due_days", "Payer announced a check, no deposit"),
            _days("remittance_due_business_days", "Payer money came, no remittance", "business days"),
            _days("patient_due_days", "Patient paid, no bank line"),
            _days("unmatched_days", "Nothing explains a bank line"),
            _days("answer_days", "Time to settle an alarm"),
        ],
    ),
    (
        "Shortfalls",
        [
            (
                "least",
                "Least that a project asks for, $ a line",
                "text",
                6,
                f"Usually 0.{USUAL_LEAST:02}, since shares round; 0.01 asks for every cent",
            )
        ],
    ),
]


class ThresholdForm(SetUpForm):
    """The thresholds as a person types them."""

    least = forms.DecimalField(
        min_value=Decimal("0.01"),
        max_value=Decimal(underpaid.MOST_CENTS) / 100,
        decimal_places=2,
        error_messages={
            "required": "Say from how much on.",
            "invalid": "An amount such as 2.50.",
            "min_value": "At least 0.01: what is short by nothing is no shortfall.",
            "max_value": f"At most {underpaid.MOST_CENTS // 100:,}.",
            "max_decimal_places": "Whole cents, such as 2.50.",
        },
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name in USUAL:
            least = 1 if name == "answer_days" else 0
            self.fields[name] = forms.IntegerField(
                min_value=least,
                max_value=bank.MOST_DAYS,
                error_messages={
                    "required": "Say how many days.",
                    "invalid": "A whole number of days.",
                    "min_value": f"At least {count_text(least, 'day')}.",
                    "max_value": f"At most {bank.MOST_DAYS} days.",
                },
            )


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def thresholds(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Read or change a practice's thresholds; what is open follows at once."""
    one = practice_of(request, practice_id)
    least = underpaid.policy_of(one).least_cents
    initial = msgspec.to_builtins(bank.policy_of(one)) | {"least": f"{least // 100}.{least % 100:02}"}
    form = ThresholdForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        asked = underpaid.UnderpaymentPolicy(int(data.pop("least") * 100))
        done = change_thresholds(
            one, bank.BankPolicy(**data), asked, now=shared.now(), today=shared.today(request)
        )
        record(
            "settings.changed", "practice", one.pk, practice_id=one.pk, fields=sorted(form.changed_data),
            alarms=done.alarms, lines=done.lines,
        )  # fmt: skip
        messages.success(request, f"{one.name}: kept.{_followed(done)}")
        return redirect("web:set_up_practice", one.pk)
    lead = (
        f"{one.name}. Each difference is kept and shown whatever is set here; this decides when it becomes "
        "work. A lower least amount reaches earlier payments; a higher one takes nothing out of a project."
    )
    return form_page(
        request,
        form,
        LAYOUT,
        current=str(one.pk),
        title="Thresholds",
        button="Keep them",
        lead=lead,
        back=f"/settings/practices/{one.pk}",
    )


def _followed(done: Followed) -> str:
    said = []
    if done.alarms:
        said.append(f"{count_text(done.alarms, 'alarm')} of the bank opened")
    if done.lines:
        said.append(f"{count_text(done.lines, 'shortfall')} came into projects")
    text = ", ".join(said)
    return f" {text}." if text else ""
