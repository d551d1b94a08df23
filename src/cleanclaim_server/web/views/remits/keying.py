"""Keying in a paper explanation of benefits: the sheet, its balance as it is typed, and its scan."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim.ledger import LedgerError
from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.files import read_bytes
from cleanclaim_server.coverage.models import Payer
from cleanclaim_server.cycle.keying import SCAN_LARGEST, key_remittance, read_keyed
from cleanclaim_server.cycle.posting import PostingRefused
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.remittances.access import access_remittance
from cleanclaim_server.remittances.models import RemittanceScan
from cleanclaim_server.tenancy.scope import visible
from cleanclaim_server.web.templatetags.numbers import amount, money_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.remits.keyed_form import METHODS, STATUSES, Sheet


@requires(DataClass.LEDGER, Access.FULL)
@require_http_methods(["GET", "POST"])
def key_in(request: HttpRequest) -> HttpResponse:
    """The sheet; POST keeps and posts it when it balances."""
    practices = _practices(request)
    if request.method == "GET":
        first = practices[0].code if practices else ""
        return render(
            request, "remits/key.html", _page(request, Sheet.blank(first, shared.today(request)), practices)
        )
    sheet = Sheet.of(request.POST)
    practice = _practice(practices, sheet)
    eob = sheet.eob(practice.agency_id) if practice else None
    problem = "" if practice else "Choose the practice."
    if eob is not None and practice is not None:
        image = request.FILES.get("scan")
        if image is not None and image.size > SCAN_LARGEST:
            problem = "The scan is larger than 20 MB."
        else:
            scan = (image.name, image.read()) if image is not None else None
            try:
                made = key_remittance(practice, eob, scan=scan, actor_id=request.user.pk, now=shared.now())
            except (PostingRefused, LedgerError) as error:
                problem = f"{str(error).rsplit(' [', 1)[0]}."
            else:
                _say(request, made)
                return redirect("web:remittance", made.pk)
    page = _page(request, sheet, practices) | {"problem": problem or "Some fields cannot be read yet."}
    return render(request, "remits/key.html", page, status=422)


def _say(request: HttpRequest, made) -> None:
    if made.state == "posted":
        messages.success(request, f"Kept and posted: {money_text(made.paid_cents)}.")
    elif made.state == "duplicate":
        messages.info(request, "The same payment was received before; nothing was posted twice.")
    else:
        messages.info(request, "Kept. A person must look before it posts.")


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def sheet(request: HttpRequest) -> HttpResponse:
    """The sheet with a claim, line or amount more or less, or with the lines of a claim of ours."""
    practices = _practices(request)
    form = Sheet.of(request.POST)
    practice = _practice(practices, form)
    form.reshape(request.POST.get("act", ""), practice.pk if practice else None)
    return render(request, "remits/key_sheet.html", _page(request, form, practices, judge=False))


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def balance(request: HttpRequest) -> HttpResponse:
    """Whether the sheet adds up, as it stands."""
    practices = _practices(request)
    form = Sheet.of(request.POST)
    return render(request, "remits/key_balance.html", {"balance": _balance(form, _practice(practices, form))})


def _practices(request: HttpRequest) -> list[Practice]:
    return list(visible(Practice.objects.all(), request.tenant).order_by("code"))


def _practice(practices: list[Practice], sheet: Sheet) -> Practice | None:
    return next((one for one in practices if one.code == sheet.head["practice"]), None)


def _page(request: HttpRequest, sheet: Sheet, practices: list[Practice], *, judge: bool = True) -> dict:
    practice = _practice(practices, sheet)
    if judge and request.method == "POST":
        sheet.eob(request.user.agency_id)
    claims = [
        claim
        | {
            "at": f"c{place}",
            "n": place,
            "error": sheet.errors.get(f"c{place}-number", ""),
            "lines": [
                line | {"at": f"c{place}-l{row}", "n": row, "errors": _errors(sheet, f"c{place}-l{row}-")}
                for row, line in enumerate(claim["lines"])
            ],
        }
        for place, claim in enumerate(sheet.claims)
    ]
    return {
        "today": shared.today(request),
        "practices": [{"code": one.code, "name": one.name} for one in practices],
        "payers": [
            (row.payer_id, row.name)
            for row in Payer.objects.filter(agency_id=request.user.agency_id).order_by("name")
        ],
        "methods": METHODS,
        "statuses": STATUSES,
        "head": sheet.head,
        "errors": sheet.errors,
        "claims": claims,
        "plb": [
            row | {"at": f"p{n}", "n": n, "errors": _errors(sheet, f"p{n}-")}
            for n, row in enumerate(sheet.plb)
        ],
        "balance": _balance(sheet, practice),
        "problem": "",
    }


def _errors(sheet: Sheet, start: str) -> list[str]:
    return [words for name, words in sheet.errors.items() if name.startswith(start)]


def _balance(sheet: Sheet, practice: Practice | None) -> dict:
    """{ok, title, rows: [{where, words}]}: what does not add up, or cannot be read yet."""
    before, sheet.errors = sheet.errors, {}
    eob = sheet.eob(practice.agency_id) if practice else None
    unread, sheet.errors = len(sheet.errors), before
    if eob is None or practice is None:
        return {"ok": False, "title": f"{unread or 1} fields to fill in", "rows": []}
    keyed = read_keyed(practice, eob)
    if keyed.is_balanced:
        return {"ok": True, "title": f"It adds up to {money_text(eob.paid_cents)}", "rows": []}
    rows = [
        {
            "where": where.replace("claim", "Claim").replace("payment", "Payment"),
            "words": f"{amount(abs(cents))} {'not explained' if cents > 0 else 'too much'}",
        }
        for where, cents in keyed.differences.items()
    ]
    return {"ok": False, "title": "It does not add up yet", "rows": rows}


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def scan(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """The paper behind a keyed payment, as it was scanned."""
    one = access_remittance(request.tenant, remittance_id)
    found = (
        RemittanceScan.objects.filter(remittance=one, practice_id=one.practice_id)
        .select_related("file")
        .first()
    )
    if found is None:
        raise Http404
    data = read_bytes(found.file)
    record("remittance.scan_read", "remittance", one.pk, practice_id=one.practice_id)
    answer = HttpResponse(data, content_type=found.media_type)
    suffix = found.media_type.rsplit("/", 1)[1]
    answer["Content-Disposition"] = f'inline; filename="explanation-{one.trace_number or one.pk}.{suffix}"'
    return answer
