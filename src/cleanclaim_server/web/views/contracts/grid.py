"""One contract: its grid, the test box, its versions and papers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.money import dollars, parse_amount
from cleanclaim.pricing.contracts import (
    Contract,
    Question,
    Rate,
    RateKind,
    differences,
    payment_due,
    price_line,
    worth,
)
from cleanclaim.pricing.contracts.rate_file import write_rate_file
from cleanclaim_server.audit import record
from cleanclaim_server.contracts.access import (
    access_contract,
    access_document,
    access_version,
    practices_to_write,
)
from cleanclaim_server.contracts.models import PayerContract
from cleanclaim_server.contracts.queries import versions
from cleanclaim_server.coverage.models import Plan
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Provider
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.underpayments.queries import Coverage, coverage
from cleanclaim_server.web.views import shared

SHOWN = 500
CONSIDERED = 12
KIND_WORDS = {
    RateKind.FIXED: "a unit",
    RateKind.MEDICARE: "of Medicare",
    RateKind.CHARGE: "of the charge",
    RateKind.PER_DIEM: "a day",
    RateKind.CARVED_OUT: "carved out",
}


def plans_of(one: PayerContract) -> dict[str, str]:
    """Names of the payer's plans by id."""
    return {
        str(key): name for key, name in Plan.objects.filter(payer_id=one.payer_id).values_list("id", "name")
    }


def rate_row(rate: Rate, plans: dict[str, str], day: date) -> dict:
    """A rate of the grid."""
    return {
        "id": rate.id,
        "code": rate.code or "any code",
        "modifier": rate.modifier,
        "licence": rate.credential,
        "place": rate.place,
        "plan": plans.get(rate.plan_id, "a plan that is gone") if rate.plan_id else "",
        "worth": worth(rate),
        "cents": rate.amount_cents if rate.kind in (RateKind.FIXED, RateKind.PER_DIEM) else None,
        "percent": rate.percent if rate.kind in (RateKind.MEDICARE, RateKind.CHARGE) else None,
        "kind": KIND_WORDS[rate.kind],
        "covers": ", ".join(rate.covers),
        "starts": rate.starts,
        "ends": rate.ends,
        "source": rate.source,
        "state": "later" if rate.starts > day else "ended" if rate.ends and rate.ends < day else "now",
    }


def head_of(request: HttpRequest, one: PayerContract) -> dict:
    """What every page of a contract shows of it."""
    return {
        "today": shared.today(request),
        "contract": one,
        "practice": shared.marks(request).get(one.practice_id),
        "may_write": one.practice_id in practices_to_write(request.user),
    }


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def contract(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """The grid of the version that counts, the test box, the history."""
    one = access_contract(request.tenant, contract_id)
    history, day, plans = versions(one), shared.today(request), plans_of(one)
    newest = history[0]
    value = newest.value
    record("contract.read", "payer_contract", one.pk, practice_id=one.practice_id, version=newest.number)
    when, words = request.GET.get("when", ""), request.GET.get("q", "").strip().upper()[:11]
    rows = [rate_row(rate, plans, day) for rate in sorted(value.rates, key=_order)]
    found = [row for row in rows if not words or row["code"].startswith(words)]
    counts = {state: sum(row["state"] == state for row in found) for state in ("now", "later", "ended")}
    shown = [row for row in found if row["state"] == (when or "now") or when == "all"]
    context = head_of(request, one) | {
        "newest": newest,
        "tabs": shared.tab_links(
            request,
            "when",
            [
                ("", "In force", counts["now"]),
                ("later", "Later", counts["later"]),
                ("ended", "Ended", counts["ended"]),
                ("all", "All", len(found)),
            ],
        ),
        "search": {
            "action": f"/contracts/{one.pk}",
            "q": words,
            "placeholder": "Code",
            "keep": shared.keep(request),
        },
        "rows": shown[:SHOWN],
        "more": max(len(shown) - SHOWN, 0),
        "terms": terms_of(value),
        "history": [_version_row(row, one) for row in history],
        "covered": _covered(request, one),
        "lines_url": f"/underpayments/lines?payer={one.payer_id}",
        **_test_box(request, one, value, plans),
    }
    return render(request, "contracts/contract.html", context)


def _order(rate: Rate) -> tuple:
    return (not rate.code, rate.code, rate.credential, rate.modifier, rate.place, rate.plan_id, rate.starts)


def terms_of(value: Contract) -> list[dict[str, str]]:
    """What holds for every rate, where it differs from what is usual."""
    found = [
        {"name": change.name[:1].upper() + change.name[1:], "value": change.after}
        for change in differences(Contract("", "", value.rates), value)
        if change.what == "term"
    ]
    usual = "As usual: the lesser of rate and charge; telehealth as in person"
    return found or [{"name": "Terms", "value": usual}]


def _version_row(row, one: PayerContract) -> dict:
    return {
        "number": row.number,
        "url": f"/contracts/{one.pk}/versions/{row.pk}",
        "how": row.get_how_display(),
        "note": row.note,
        "by": row.made_by_name or "The set-up",
        "at": row.made_at,
        "effective_on": row.effective_on,
        "rates": row.rates_count,
        "changes": row.changes_count,
        "source": row.source
        and {
            "name": row.source.name,
            "url": f"/contracts/{one.pk}/documents/{row.source_id}",
            "hash": row.source.sha256[:12],
        },
    }


def _covered(request: HttpRequest, one: PayerContract) -> Coverage | None:
    money = shared.also(request, DataClass.LEDGER, Access.READ)
    if one.practice_id not in money.practice_ids:
        return None
    since = shared.today(request) - timedelta(days=365)
    return coverage(money, since).get((one.practice_id, one.payer_id), Coverage())


def _test_box(request: HttpRequest, one: PayerContract, value: Contract, plans: dict[str, str]) -> dict:
    asked, given = request.GET, shared.today(request).isoformat()
    providers = visible(Provider.objects.filter(practice_id=one.practice_id), request.tenant)
    known = {rate.credential for rate in value.rates} | set(value.credential_percents)
    levels = sorted({*providers.order_by().values_list("credential", flat=True), *known} - {""})
    return {
        "ask": {
            "code": asked.get("code", ""),
            "modifiers": asked.get("modifiers", ""),
            "place": asked.get("place", "11"),
            "licence": asked.get("licence", ""),
            "units": asked.get("units", "1"),
            "on": asked.get("on", given),
            "charge": asked.get("charge", ""),
            "plan": asked.get("plan", ""),
        },
        "levels": levels,
        "plans": sorted(plans.items(), key=lambda item: item[1]),
        "answer": _answer(request, value, one) if asked.get("code") else None,
    }


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def test(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """Which rate wins and why, as a fragment."""
    one = access_contract(request.tenant, contract_id)
    value = versions(one)[0].value
    return render(request, "contracts/answer.html", {"answer": _answer(request, value, one), "contract": one})


def _answer(request: HttpRequest, value: Contract, one: PayerContract) -> dict:
    """The price of the line that the address describes; what cannot be read is said."""
    asked, faults = request.GET, []
    code = asked.get("code", "").strip().upper()[:11]
    if not code:
        return {"faults": ["Type a code, such as 90837."]}
    try:
        on = date.fromisoformat(asked["on"]) if asked.get("on") else shared.today(request)
    except ValueError:
        on = shared.today(request)
        faults.append("The date could not be read; today is taken.")
    units = asked.get("units", "1").strip() or "1"
    if not (units.isascii() and units.isdecimal() and 0 < int(units) < 1000):
        return {"faults": [f"{units} is no number of units."]}
    charge = None
    if asked.get("charge", "").strip():
        try:
            charge = int(parse_amount(asked["charge"].replace("$", "").replace(",", "").strip()))
        except (ValueError, InvalidOperation):
            return {"faults": ["The charge could not be read; write 150.00."]}
    modifiers = tuple(asked.get("modifiers", "").upper().replace(",", " ").split())[:4]
    question = Question(
        value.payer_id,
        code,
        on,
        charge,
        modifiers,
        asked.get("place", "11").strip().zfill(2)[:2],
        asked.get("licence", ""),
        int(units),
        asked.get("plan", ""),
        str(one.practice_id),
    )
    price = price_line(value, question)
    due = None
    if price.allowed_cents is not None and (value.sequestration or value.withhold_percent):
        due = payment_due(value, price.allowed_cents, 0, on)
    return {
        "faults": faults,
        "price": price,
        "due": due,
        "unit_text": dollars(price.unit_cents) if price.unit_cents is not None else "",
        "considered": price.considered[:CONSIDERED],
        "others": max(len(price.considered) - CONSIDERED, 0),
        "code": code,
        "on": on,
    }


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def version(request: HttpRequest, contract_id: UUID, version_id: UUID) -> HttpResponse:
    """What one version changed, beside the one before it or any other."""
    one = access_contract(request.tenant, contract_id)
    history = versions(one)
    this = access_version(request.tenant, one, version_id)
    number = this.number
    asked = request.GET.get("with", "")
    other = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else number - 1
    before = next((row for row in history if row.number == other and row.number != number), None)
    record("contract.read", "payer_contract", one.pk, practice_id=one.practice_id, version=number)
    found = differences(before.value if before else None, this.value)
    context = head_of(request, one) | {
        "row": _version_row(this, one),
        "before": before.number if before else None,
        "newest": history[0].number,
        "others": [row.number for row in history if row.number != number],
        "changes": found[:SHOWN],
        "more": max(len(found) - SHOWN, 0),
    }
    return render(request, "contracts/version.html", context)


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def document(request: HttpRequest, contract_id: UUID, document_id: UUID) -> HttpResponse:
    """A paper as it was kept."""
    one = access_contract(request.tenant, contract_id)
    found = access_document(request.tenant, one, document_id)
    record("contract.document_read", "contract_document", found.pk, practice_id=one.practice_id)
    answer = HttpResponse(bytes(found.content), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="{found.name.replace(chr(34), "")}"'.encode(
        "ascii", "replace"
    ).decode()
    return answer


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def export(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """The rates as CSV, in the columns of the import."""
    one = access_contract(request.tenant, contract_id)
    newest = versions(one)[0]
    record("contract.exported", "payer_contract", one.pk, practice_id=one.practice_id, version=newest.number)
    answer = HttpResponse(
        write_rate_file(sorted(newest.value.rates, key=_order), plans=plans_of(one)), content_type="text/csv"
    )
    answer["Content-Disposition"] = f'attachment; filename="rates-version-{newest.number}.csv"'
    return answer


def decimal_of(text: str) -> Decimal | None:
    """A percentage that a person typed; None when it is none."""
    try:
        found = Decimal(text.replace("%", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= 1000 else None
