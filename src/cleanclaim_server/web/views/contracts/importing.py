"""Rates from a file: kept, read, shown with what it changes, and saved only then."""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from cleanclaim.pricing.contracts import Contract, ContractInvalid, add_rates, differences
from cleanclaim.pricing.contracts.rate_file import NEEDED, SAMPLE, RateFile, read_rate_file
from cleanclaim_server.contracts.access import access_contract
from cleanclaim_server.contracts.actions import (
    ContractRefused,
    How,
    keep_document,
    newest_version,
    save_version,
)
from cleanclaim_server.contracts.models import ContractDocument, PayerContract
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.contracts.editing import _number, told
from cleanclaim_server.web.views.contracts.grid import head_of, plans_of

SHOWN = 100
ADD, REPLACE = "add", "replace"
MEANING = {
    "code": "One code, a range (90832-90838), a beginning (H*), or empty for any code",
    "modifier": "Two characters; empty fits all",
    "licence": "Licence level as on the clinician, such as PhD or LCSW; empty fits all",
    "place": "Place of service; empty fits all",
    "plan": "Name of one of the payer's plans; empty fits all",
    "kind": "fixed, per_diem, medicare, charge or carved_out; empty is fixed",
    "amount": "Dollars of one unit (fixed) or of a day (per_diem)",
    "percent": "Of Medicare or of the charge",
    "starts": "First date of service",
    "ends": "Last date of service; empty has no end",
    "covers": "Per diem: codes that it includes, divided by semicolons",
    "source": "Exhibit and page",
}


@requires(DataClass.CONTRACTS, Access.READ)
@require_GET
def sample(request: HttpRequest) -> HttpResponse:
    """A file of rates with each kind of row."""
    answer = HttpResponse(SAMPLE, content_type="text/csv")
    answer["Content-Disposition"] = 'attachment; filename="rates-sample.csv"'
    return answer


@requires(DataClass.CONTRACTS, Access.FULL)
@require_http_methods(["GET", "POST"])
def import_rates(request: HttpRequest, contract_id: UUID) -> HttpResponse:
    """GET asks for a file; POST with a file shows what it would change; POST with its kept copy saves it."""
    one = access_contract(request.tenant, contract_id)
    if request.method == "GET":
        return _page(request, one)
    mode = REPLACE if request.POST.get("mode") == REPLACE else ADD
    upload = request.FILES.get("file")
    if upload is None and not request.POST.get("document"):
        return _page(request, one, "Choose a CSV or XLSX file.", 422)
    try:
        kept = (
            keep_document(
                one.practice, upload.name, upload.read(), acting_user=request.user, now=shared.now()
            )
            if upload
            else _kept(request, one)
        )
    except ContractRefused as refused:
        return _page(request, one, str(refused), 422)
    plans = {name: key for key, name in plans_of(one).items()}
    found = read_rate_file(bytes(kept.content), plans=plans)
    newest = newest_version(one)
    error = ""
    try:
        value = _merged(newest.value, found, mode)
    except ContractInvalid as invalid:
        value, error = newest.value, f"The file does not fit the contract: {invalid}."
    if upload is None and request.POST.get("save") and not error:
        try:
            version = save_version(
                one,
                value,
                how=How.IMPORTED,
                note=request.POST.get("note", ""),
                source=kept,
                based_on=_number(request, "based_on"),
                acting_user=request.user,
                now=shared.now(),
            )
        except ContractRefused as refused:
            error = str(refused)
        else:
            told(request, one, version.number)
            return redirect("web:contract_version", one.pk, version.pk)
    return _preview(request, one, kept, found, value, mode, error)


def _kept(request: HttpRequest, one: PayerContract) -> ContractDocument:
    try:
        wanted = UUID(request.POST.get("document", ""))
    except ValueError:
        raise Http404 from None
    found = visible(ContractDocument.objects.filter(practice_id=one.practice_id), request.tenant)
    row = found.filter(pk=wanted).first()
    if row is None:
        raise Http404
    return row


def _merged(value: Contract, found: RateFile, mode: str) -> Contract:
    if mode == REPLACE:
        return msgspec.structs.replace(value, rates=found.rates)
    return add_rates(value, found.rates)


def _page(request: HttpRequest, one: PayerContract, error: str = "", status: int = 200) -> HttpResponse:
    columns = [{"name": name, "meaning": text, "required": name in NEEDED} for name, text in MEANING.items()]
    context = head_of(request, one) | {"error": error, "columns": columns, "newest": newest_version(one)}
    return render(request, "contracts/import.html", context, status=status)


def _preview(
    request: HttpRequest,
    one: PayerContract,
    kept: ContractDocument,
    found: RateFile,
    value: Contract,
    mode: str,
    error: str,
) -> HttpResponse:
    newest = newest_version(one)
    changes = [] if error and not request.POST.get("save") else differences(newest.value, value)
    faulty = [one for one in found.findings if one.severity.stops]
    context = head_of(request, one) | {
        "kept": kept,
        "mode": mode,
        "error": error,
        "newest": newest,
        "rows": found.rows,
        "good": len(found.rates),
        "faulty": len(faulty),
        "findings": [
            {"row": finding.facts.get("row", 0), "message": finding.message, "stops": finding.severity.stops}
            for finding in found.findings[:SHOWN]
        ],
        "more_findings": max(len(found.findings) - SHOWN, 0),
        "changes": changes[:SHOWN],
        "changes_count": len(changes),
        "more": max(len(changes) - SHOWN, 0),
        "note": request.POST.get("note", ""),
    }
    return render(request, "contracts/import_preview.html", context, status=422 if error else 200)
