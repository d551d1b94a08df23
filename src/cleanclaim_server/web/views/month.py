"""The month: charges, payments, receivables and the measures of the KPI handbook, each with its formula."""

from __future__ import annotations

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim import kpi
from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.reporting.queries import kpi_facts
from cleanclaim_server.web.views import shared

MONTHS = 12


def month_start(day: date, back: int = 0) -> date:
    """First day of the month, some months earlier."""
    place = day.year * 12 + day.month - 1 - back
    return date(place // 12, place % 12 + 1, 1)


def month_end(first: date) -> date:
    """Last day of the month that begins then."""
    return month_start(first + timedelta(days=32)) - timedelta(days=1)


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """One month; the figures are computed from claims and ledger when the page is asked for."""
    tenant, day = shared.in_view(request), shared.today(request)
    starts = [month_start(day, back) for back in range(MONTHS)]
    try:
        first = date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        first = starts[0]
    as_of = min(month_end(first), day)
    window = kpi.Window(first, month_end(first))
    facts = kpi_facts(tenant)
    charged = kpi.charges(facts, as_of=as_of, window=window)
    paid = kpi.payments(facts, as_of=as_of, window=window)
    owed = kpi.receivables(facts, as_of=as_of)
    days = kpi.days_in_receivables(facts, as_of=as_of)
    rates = [
        kpi.clean_claim_rate(facts, as_of=as_of, window=window),
        kpi.first_pass_acceptance(facts, as_of=as_of, window=window),
        kpi.denial_rate(facts, as_of=as_of, window=window),
        days,
        kpi.receivables_over(facts, as_of=as_of),
    ]
    aged = kpi.receivables_by_age(facts, as_of=as_of)
    earlier = sorted(starts)
    cash = [kpi.payments(facts, as_of=day, window=kpi.Window(one, month_end(one))) for one in earlier]
    record("report.read", "report", month=first.isoformat())
    labels = [bucket[0] for bucket in kpi.BUCKETS]
    context = {
        "today": day,
        "month": first,
        "status": "Open month, figures still move" if first == starts[0] else "Past month, as of its last day",
        "months": [
            {"label": f"{one:%b}", "url": shared.link(request, month=f"{one:%Y-%m}"), "current": one == first}
            for one in earlier[-6:]
        ],
        "cash": {"cents": paid.numerator, "url": _claims(paid), "formula_url": "#formulas", "count": len(paid.family_ids),
                 "label": "Payments"},
        "story": [],
        "figures": [
            {"label": one.name, "cents": one.numerator, "note": one.formula, "url": _claims(one), "formula_url": ""}
            for one in (charged, paid, owed)
        ]
        + [{"label": days.name, "value": days.display, "note": days.formula, "url": _claims(days), "formula_url": ""}],
        "charts": [
            _chart("cash", "bars", "Payments by month", [f"{one:%b}" for one in earlier], [one.numerator for one in cash],
                   [shared.link(request, month=f"{one:%Y-%m}") for one in earlier]),
            _chart("age", "bars", "A/R by age", labels, [one.numerator for one in aged], [_claims(one) for one in aged]),
        ],
        "asks": None,
        "measures": [_measure(one) for one in rates],
        "pdf_url": None,
    }  # fmt: skip
    return render(request, "dashboard/month.html", context)


def _claims(one: kpi.Measure) -> str:
    """The claims behind a measure; a long list opens unfiltered."""
    ids = one.family_ids[:40]
    return f"/claims?family={','.join(ids)}" if ids and len(one.family_ids) <= 40 else "/claims"


def _chart(key: str, kind: str, title: str, labels: list, values: list, links: list) -> dict:
    say = f"{title}: " + ", ".join(f"{label} {value / 100:,.0f}" for label, value in zip(labels, values, strict=True))
    return {"id": key, "kind": kind, "title": title, "say": say, "unit": "money", "labels": labels, "links": links,
            "series": [{"name": title, "values": values, "tone": ""}], "note": "", "formula_url": ""}  # fmt: skip


def _measure(one: kpi.Measure) -> dict:
    rate = one.unit is kpi.Unit.PERCENT
    value = {"kind": "rate", "n": one.numerator, "d": one.denominator} if rate else {"kind": "number", "text": one.display}
    against = "none" if one.value is None else "few" if one.low_volume else ""
    return {
        "code": one.code, "name": one.name, "definition": one.formula, "value": value,
        "counted": f"{one.numerator:,} of {one.denominator:,}" if rate and one.code != "E3" else "",
        "which": one.kind, "against": against or "immature" if one.reason == "not_mature" else against or "none",
        "goal": "", "url": _claims(one), "formula_url": "#formulas",
    }  # fmt: skip
