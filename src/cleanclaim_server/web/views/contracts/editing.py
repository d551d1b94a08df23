"""A contract's next version by hand: new amounts from a day, rates that end, rates that come, terms."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from cleanclaim.money import parse_amount
from cleanclaim.pricing.contracts import (
    BY_PERCENT,
    Contract,
    ContractInvalid,
    Escalator,
    add_rates,
    change_rate,
    end_rate,
)
from cleanclaim.pricing.contracts.rate_file import COLUMNS, read_rate_file
from cleanclaim_server.contracts.access import access_contract
from cleanclaim_server.contracts.actions import (
    ContractRefused,
    How,
    keep_document,
    newest_version,
    save_version,
)
from cleanclaim_server.contracts.models import PayerContract
from cleanclaim_server.cycle.underpayments import compare_soon
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.contracts.grid import _order, decimal_of, head_of, plans_of, rate_row

NEW_ROWS = 5
NEW_FIELDS = [name for name in COLUMNS if name != "source"]
CHECKS = (
    ("is_lesser_of_charge", "The payer owes the lesser of rate and charge"),
    ("telehealth_parity", "Telehealth is paid as in person"),
    ("sequestration", "Medicare's reduction (sequestration) is passed on"),
)
PERCENTS = (
    ("withhold_percent", "Withhold, percent"),
    ("mppr_percent", "Further services of a day, percent"),
    ("interest_percent_a_year", "Interest for late payment, percent a year"),
)


class Fault(ValueError):
    """A field that cannot be read, in words for people."""


@requires(DataClass.CONTRACTS, Access.FULL)
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """GET opens the grid for changes; POST saves them as the next version."""
    one = access_contract(request.tenant, contract_id)
    newest = newest_version(one)
    faults: list[str] = []
    if request.method == "POST":
        value, faults = _changed(request, one, newest.value)
        if not faults:
            done = _save(request, one, value, faults)
            if done is not None:
                return done
    return render(
        request, "contracts/edit.html", _context(request, one, newest, faults), status=422 if faults else 200
    )


def _save(
    request: HttpRequest, one: PayerContract, value: Contract, faults: list[str]
) -> HttpResponse | None:
    upload = request.FILES.get("document")
    now = shared.now()
    try:
        source = (
            keep_document(one.practice, upload.name, upload.read(), acting_user=request.user, now=now)
            if upload
            else None
        )
        version = save_version(
            one,
            value,
            how=How.TYPED,
            note=request.POST.get("note", ""),
            based_on=_number(request, "based_on"),
            acting_user=request.user,
            now=now,
            source=source,
        )
    except ContractRefused as refused:
        faults.append(str(refused))
        return None
    told(request, one, version.number)
    return redirect("web:contract_version", one.pk, version.pk)


def told(request: HttpRequest, one: PayerContract, number: int) -> None:
    """Compare the past with the new version, and say what that changed."""
    changed = compare_soon(one, now=shared.now(), today=shared.today(request))
    if changed is None:
        said = "The last 12 months are being compared with it."
    elif changed:
        said = (
            f"{changed:,} paid line{'s' if changed != 1 else ''} of the last 12 months read otherwise by it."
        )
    else:
        said = "No paid line of the last 12 months reads otherwise by it."
    messages.success(request, f"Version {number} counts from now on. {said}")


def _changed(request: HttpRequest, one: PayerContract, value: Contract) -> tuple[Contract, list[str]]:
    """The contract with everything that the form changes, and each field that could not be read."""
    faults: list[str] = []
    posted = request.POST
    try:
        on = date.fromisoformat(posted.get("from", ""))
    except ValueError:
        return value, ["Say from which date of service the changes hold."]
    source = posted.get("note", "").strip()[:200]
    for place, rate in enumerate(value.rates):
        typed = posted.get(f"v-{place}", "").strip()
        try:
            if posted.get(f"e-{place}"):
                value = end_rate(value, rate.id, on=on)
            elif typed:
                amount = _percent(typed) if rate.kind in BY_PERCENT else _cents(typed)
                value = change_rate(value, rate.id, on=on, value=amount, source=source)
        except (Fault, ContractInvalid) as fault:
            faults.append(str(fault))
    value, more = _with_new(posted, one, value, on)
    faults += more
    try:
        value = _terms(posted, value)
    except Fault as fault:
        faults.append(str(fault))
    return value, faults


def _with_new(posted, one: PayerContract, value: Contract, on: date) -> tuple[Contract, list[str]]:
    """New rows are read as a file's rows are, so that both obey the same rules."""
    import csv
    import io

    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(NEW_FIELDS)
    for row in range(NEW_ROWS):
        cells = {name: posted.get(f"n{row}-{name}", "").strip() for name in NEW_FIELDS}
        if any(text for name, text in cells.items() if name not in ("kind", "starts")):
            cells["starts"] = cells["starts"] or on.isoformat()
            table.writerow([cells[name] for name in NEW_FIELDS])
        else:
            table.writerow([""] * len(NEW_FIELDS))
    plans = {name: key for key, name in plans_of(one).items()}
    found = read_rate_file(out.getvalue().encode(), plans=plans)
    faults = [
        finding.message.replace(f"Row {finding.facts['row']}", f"New rate {finding.facts['row'] - 1}")
        for finding in found.findings
    ]
    try:
        return add_rates(value, found.rates), faults
    except ContractInvalid as error:
        return value, [*faults, str(error)]


def _terms(posted, value: Contract) -> Contract:
    if "terms" not in posted:
        return value
    changes: dict = {name: bool(posted.get(name)) for name, _ in CHECKS}
    for name, label in PERCENTS:
        text = posted.get(name, "").strip()
        percent = decimal_of(text) if text else None
        if text and percent is None:
            raise Fault(f"{label}: {text} is no percentage.")
        changes[name] = percent if name == "mppr_percent" else percent or Decimal(0)
    days = posted.get("clean_claim_days", "").strip() or "0"
    if not (days.isascii() and days.isdecimal() and int(days) < 1000):
        raise Fault(f"Days to pay: {days} is no number of days.")
    changes["clean_claim_days"] = int(days)
    changes["mac"], changes["locality"] = (
        posted.get("mac", "").strip()[:10],
        posted.get("locality", "").strip()[:10],
    )
    changes["mppr_codes"] = tuple(posted.get("mppr_codes", "").upper().replace(",", " ").split())
    changes["credential_percents"] = dict(
        _pair(line) for line in posted.get("levels", "").splitlines() if line.strip()
    )
    changes["escalators"] = tuple(
        _rise(line) for line in posted.get("rises", "").splitlines() if line.strip()
    )
    return msgspec.structs.replace(value, **changes)


def _pair(line: str) -> tuple[str, Decimal]:
    level, _, text = line.strip().rpartition(" ")
    percent = decimal_of(text)
    if not level or percent is None:
        raise Fault(f"Licence levels: {line.strip()!r} should read as LCSW 85.")
    return level.strip(), percent


def _rise(line: str) -> Escalator:
    parts = line.split()
    try:
        months = int(parts[2]) if len(parts) > 2 else 12
        percent = Decimal(parts[1].rstrip("%"))
        if not (percent.is_finite() and -50 <= percent <= 100 and 1 <= months <= 120):
            raise ValueError
        return Escalator(date.fromisoformat(parts[0]), percent, months)
    except (IndexError, ValueError, InvalidOperation):
        raise Fault(f"Rises: {line.strip()!r} should read as 2026-07-01 2.5 12.") from None


def _cents(text: str) -> int:
    try:
        cents = int(parse_amount(text.replace("$", "").replace(",", "")))
    except (ValueError, InvalidOperation):
        raise Fault(f"{text} is no amount; write 131.10.") from None
    if cents <= 0:
        raise Fault(f"{text} is no amount of a rate; tick End to end a rate.")
    return cents


def _percent(text: str) -> Decimal:
    percent = decimal_of(text)
    if not percent:
        raise Fault(f"{text} is no percentage; write 115.")
    return percent


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 7 else 0


def _context(request: HttpRequest, one: PayerContract, newest, faults: list[str]) -> dict:
    posted, value, day = request.POST, newest.value, shared.today(request)
    plans = plans_of(one)
    ordered = sorted(enumerate(value.rates), key=lambda item: _order(item[1]))
    rows = [
        rate_row(rate, plans, day)
        | {
            "place_in": place,
            "typed": posted.get(f"v-{place}", ""),
            "ends_now": bool(posted.get(f"e-{place}")),
        }
        for place, rate in ordered
        if rate.ends is None or rate.ends >= day
    ]
    terms = posted if "terms" in posted else None
    given = {
        "levels": "\n".join(f"{key} {percent}" for key, percent in sorted(value.credential_percents.items())),
        "rises": "\n".join(f"{one.first_on} {one.percent} {one.every_months}" for one in value.escalators),
        "mppr_codes": " ".join(value.mppr_codes),
        "mac": value.mac,
        "locality": value.locality,
        "clean_claim_days": value.clean_claim_days or "",
    }
    return head_of(request, one) | {
        "newest": newest,
        "faults": faults,
        "rows": rows,
        "from": posted.get("from", ""),
        "note": posted.get("note", ""),
        "kinds": [
            ("fixed", "a unit"),
            ("per_diem", "a day"),
            ("medicare", "% of Medicare"),
            ("charge", "% of charge"),
            ("carved_out", "carved out"),
        ],
        "new_rows": [
            {"number": row, "cells": {name: posted.get(f"n{row}-{name}", "") for name in NEW_FIELDS}}
            for row in range(NEW_ROWS)
        ],
        "plans": sorted(plans.values()),
        "checks": [
            {"name": name, "label": label, "on": bool(terms.get(name)) if terms else getattr(value, name)}
            for name, label in CHECKS
        ],
        "percents": [
            {"name": name, "label": label, "value": terms.get(name) if terms else getattr(value, name) or ""}
            for name, label in PERCENTS
        ],
        "texts": {key: terms.get(key, "") if terms else text for key, text in given.items()},
    }
