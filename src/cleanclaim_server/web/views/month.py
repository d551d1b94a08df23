"""The month: charges, payments, receivables and measures, each with its formula and its rows."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from cleanclaim import kpi
from cleanclaim_server.audit import record
from cleanclaim_server.claims.queries import claims
from cleanclaim_server.denials.queries import denied_in_month
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.closing import last_closes
from cleanclaim_server.reporting.measures import (
    DEFINITIONS,
    RATES,
    against,
    facts_of,
    families_behind,
    measure,
    month_end,
)
from cleanclaim_server.statements.queries import balances_of_claims, paid_by_payers
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rows import claim_row

MONTHS = 12
SHOWN_MONTHS = 6
CAUSES = 6
SOURCE = "KPI handbook, with the formula that the program runs"


def month_start(day: date, back: int = 0) -> date:
    """First day of the month, some months earlier."""
    place = day.year * 12 + day.month - 1 - back
    return date(place // 12, place % 12 + 1, 1)


def asked_month(request: HttpRequest, day: date) -> date:
    """The month that the address names, else the present one; a month to come is the present one."""
    try:
        first = date.fromisoformat(request.GET.get("month", "") + "-01")
    except ValueError:
        first = day.replace(day=1)
    return min(first, day.replace(day=1))


def rows_url(code: str, first: date, side: str = "") -> str:
    """The claims behind a measure of a month: a filter in the address, however many they are."""
    query = {"measure": code, "month": f"{first:%Y-%m}"} | ({"side": side} if side else {})
    return f"/claims?{urlencode(query)}"


def formula_url(code: str, first: date) -> str:
    """The page of one measure: its definition, counts and rows."""
    return f"/month/measure?{urlencode({'code': code, 'month': f'{first:%Y-%m}'})}"


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def month(request: HttpRequest) -> HttpResponse:
    """One month; the figures are computed from claims and ledger when the page is asked for."""
    tenant, day = shared.in_view(request), shared.today(request)
    first = asked_month(request, day)
    facts = facts_of(tenant)
    starts = sorted(month_start(day, back) for back in range(MONTHS))
    found = {code: measure(facts, code, first, day) for code in DEFINITIONS}
    before = measure(facts, "payments", month_start(first, 1), day)
    insurance = [measure(facts, "payments_insurance", one, day).numerator for one in starts]
    patient = [measure(facts, "payments_patient", one, day).numerator for one in starts]
    days = [measure(facts, "E1", one, day) for one in starts]
    denied = denied_in_month(tenant, first, month_end(first))[:CAUSES]
    record("report.read", "report", month=first.isoformat())
    labels = [f"{one:%b}" for one in starts]
    month_links = [shared.link(request, month=f"{one:%Y-%m}") for one in starts]
    ages = [found[f"ar_{bucket[0]}"] for bucket in kpi.BUCKETS]
    context = {
        "today": day,
        "month": first,
        "status": _status(tenant, first, day),
        "close_url": f"/month/close?month={first:%Y-%m}",
        "months": [
            {"label": f"{one:%b}", "url": shared.link(request, month=f"{one:%Y-%m}"), "current": one == first}
            for one in starts[-SHOWN_MONTHS:]
        ],
        "cash": {
            "cents": found["payments"].numerator,
            "url": rows_url("payments", first),
            "formula_url": formula_url("payments", first),
            "count": len(found["payments"].family_ids),
            "label": "Cash in",
        },
        "story": _story(found, before, first, day),
        "figures": [
            _figure(found["charges"], first, "charged for sessions of the month"),
            _figure(found["payments_insurance"], first, "from payers"),
            _figure(found["payments_patient"], first, "from patients"),
            _figure(found["ar"], first, "open with payers and patients, credits subtracted"),
        ],
        "charts": [
            _chart(
                "cash",
                "stacked",
                "Cash in by month",
                labels,
                [("Insurance", insurance, ""), ("Patients", patient, "tint")],
                month_links,
                "money",
                formula_url("payments", first),
            ),
            _chart(
                "age",
                "bars",
                f"Open A/R by age: ${sum(one.numerator for one in ages) / 100:,.2f}",
                [f"{bucket[0]} days" for bucket in kpi.BUCKETS],
                [("A/R", [one.numerator for one in ages], "")],
                [rows_url(one.code, first) for one in ages],
                "money",
                formula_url("ar", first),
                note="Days since the visit; credits are apart",
            ),
            _chart(
                "days",
                "line",
                f"Days in A/R: {_plain(found['E1'])}",
                labels,
                [
                    (
                        "Days in A/R",
                        [None if one.value is None else round(float(one.value), 1) for one in days],
                        "",
                    )
                ],
                month_links,
                "count",
                formula_url("E1", first),
                goal={"value": 35, "text": "Goal: 35 or fewer", "below": True},
                note="Gross, trailing 90 days",
            ),
            _chart(
                "denied",
                "bars",
                f"Why lines were denied: ${sum(row['cents'] for row in denied) / 100:,.2f}",
                [row["category"].replace("_", " ").capitalize() for row in denied] or ["None"],
                [("Denied", [row["cents"] for row in denied] or [0], "")],
                [f"/denials?state=all&cause={row['category']}" for row in denied] or ["/denials"],
                "money",
                "",
                note="Lines denied in the month; rejections are not in here",
            ),
        ],
        "asks": None,
        "measures": [_measure(found[code], first, day) for code in RATES],
        "pdf_url": None,
    }
    return render(request, "dashboard/month.html", context)


def _status(tenant, first: date, day: date) -> str:
    """Open, closed for all practices in view, or for some of them."""
    if first == day.replace(day=1):
        return "Open month, figures still move"
    last = last_closes(tenant.practice_ids)
    closed = sum(1 for one in last.values() if one >= first)
    if closed and closed == len(tenant.practice_ids):
        return "Closed: its books are frozen"
    known = f"As known on {month_end(first):%-d %B %Y}"
    return f"{known}; {closed} of {len(tenant.practice_ids)} practices closed it" if closed else known


def _plain(one: kpi.Measure) -> str:
    return one.display.removesuffix(" days").replace(" %", "%")


def _story(found: dict, before: kpi.Measure, first: date, day: date) -> list[dict]:
    """What moved, in one or two sentences with the amounts."""
    cash, rate = found["payments"], found["D1c"]
    change = cash.numerator - before.numerator
    earlier = month_start(first, 1)
    word = "more" if change >= 0 else "less"
    so_far = " so far" if first == day.replace(day=1) else ""
    story = [
        {
            "text": "",
            "cents": abs(change),
            "strong": False,
            "tone": "",
            "after": f" {word} than {earlier:%B}{so_far}.",
        },
        {
            "text": "Charges were",
            "cents": found["charges"].numerator,
            "after": f" for {len(found['charges'].family_ids):,} claims.",
        },
    ]
    if rate.denominator:
        story.append(
            {
                "text": f"Payers denied {rate.numerator:,} of {rate.denominator:,} claims "
                "first sent in the month.",
                "cents": None,
                "after": "",
            }
        )
    return story


def _figure(one: kpi.Measure, first: date, note: str) -> dict:
    return {
        "label": DEFINITIONS[one.code].name,
        "cents": one.numerator,
        "note": note,
        "url": rows_url(one.code, first),
        "formula_url": formula_url(one.code, first),
    }


def _chart(
    key: str,
    kind: str,
    title: str,
    labels: list[str],
    series: list[tuple],
    links: list[str],
    unit: str,
    formula: str,
    *,
    note: str = "",
    goal: dict | None = None,
) -> dict:
    """A chart as `{% chart %}` draws it, with the same values as a sentence for those who do not see it."""
    said = []
    for index, label in enumerate(labels):
        value = sum(values[index] or 0 for _, values, _ in series)
        said.append(f"{label} {value / 100:,.0f}" if unit == "money" else f"{label} {value:,}")
    return {
        "id": key,
        "kind": kind,
        "title": title,
        "say": f"{title}. {', '.join(said)}.",
        "unit": unit,
        "labels": labels,
        "links": links,
        "note": note,
        "formula_url": formula,
        "goal": goal,
        "series": [{"name": name, "values": values, "tone": tone} for name, values, tone in series],
    }


def _value(one: kpi.Measure) -> dict:
    if one.unit is kpi.Unit.PERCENT:
        return {"kind": "rate", "n": one.numerator, "d": one.denominator}
    if one.unit is kpi.Unit.CENTS:
        return {"kind": "money", "cents": one.numerator}
    return {"kind": "number", "text": "" if one.value is None else _plain(one)}


def _counted(one: kpi.Measure) -> str:
    if one.unit is kpi.Unit.CENTS or one.denominator == 0:
        return ""
    if one.code in ("E1", "E3"):
        return (
            f"{one.numerator / 100:,.2f} of {one.denominator / 100:,.2f}"
            if one.code == "E3"
            else (f"{one.numerator / 100:,.2f} open")
        )
    return f"{one.numerator:,} of {one.denominator:,}"


def _measure(one: kpi.Measure, first: date, day: date) -> dict:
    known = DEFINITIONS[one.code]
    return {
        "code": one.code,
        "name": known.name,
        "definition": known.plain,
        "value": _value(one),
        "counted": _counted(one),
        "which": known.which,
        "against": against(one, day, month_end(first)),
        "goal": known.goal,
        "url": rows_url(one.code, first),
        "formula_url": formula_url(one.code, first),
    }


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def one_measure(request: HttpRequest) -> HttpResponse:
    """One measure of one month: formula, counts, what is left out, and the claims behind it."""
    code = request.GET.get("code", "")
    if code not in DEFINITIONS:
        raise Http404
    tenant, day, marks = shared.in_view(request), shared.today(request), shared.marks(request)
    first, known = asked_month(request, day), DEFINITIONS[code]
    found = measure(facts_of(tenant), code, first, day)
    side = request.GET.get("side", "")
    divides = bool(found.denominator_ids) and found.unit is kpi.Unit.PERCENT and found.code != "E3"
    which = side if divides and side in ("rest", "denominator") else "numerator"
    clinical = shared.narrowed_to(shared.also(request, DataClass.CLAIM, Access.READ), tenant)
    rows = claims(clinical).filter(
        family_id__in=families_behind(tenant, code, first, day, side=which), sequence="P", frequency="1"
    )
    shown, page = shared.one_page(request, rows, "date_of_service", noun="claims")
    ids = [row.pk for row in shown]
    balances, paid = balances_of_claims(tenant, ids), paid_by_payers(tenant, ids)
    counted = set(found.family_ids)
    record("report.measure_read", "report", code=code, month=first.isoformat())
    context = {
        "today": day,
        "measure": {
            "code": code,
            "name": known.name,
            "plain": known.plain,
            "numerator": known.above.capitalize() + ".",
            "denominator": known.below.capitalize() + "." if known.below else "Nothing: it is a sum.",
            "excluded": list(known.left_out),
            "maturity": known.settled.capitalize() + ".",
            "source": SOURCE,
            "month": first,
            "value": _value(found),
            "formula": found.formula,
        },
        "back_url": f"/month?month={first:%Y-%m}",
        "rows_title": "The claims behind it",
        "rows_url": rows_url(code, first, "" if which == "numerator" else which),
        "tabs": shared.tab_links(
            request,
            "side",
            [
                ("", "Counted above", len(found.family_ids)),
                (
                    "rest",
                    "Below only",
                    len(found.denominator_ids) - len(counted & set(found.denominator_ids)),
                ),
                ("denominator", "All counted", len(found.denominator_ids)),
            ],
        )
        if divides
        else [],
        "rows": [
            _behind(row, marks, balances.get(row.pk, {}), paid.get(row.pk, 0), counted, code) for row in shown
        ],
        "page": page,
        "filters": None,
    }
    return render(request, "dashboard/measure.html", context)


def _behind(row, marks: dict, balances: dict, paid: int, counted: set[str], code: str) -> dict:
    """One claim behind a measure, with the amount that the measure is about."""
    line = claim_row(row, marks, balances)
    if code.startswith("payments"):
        cents = paid
    elif code.startswith(("ar", "E")):
        cents = line["open_cents"] + line["patient_cents"]
    else:
        cents = row.total_charge_cents
    return {
        "url": line["url"],
        "title": row.claim_number,
        "practice": line["practice"],
        "patient": line["patient"],
        "note": f"{row.codes} on {row.date_of_service:%-d %b %Y}, {row.payer.name}",
        "cents": cents,
        "counted": str(row.family_id) in counted,
        "why": "counted below only",
    }
