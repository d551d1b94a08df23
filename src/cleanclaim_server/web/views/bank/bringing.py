"""A bank file brought in through the browser: kept first, then read."""

from __future__ import annotations

import logging
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cleanclaim_server.bank.access import access_account
from cleanclaim_server.bank.models import BankAccount
from cleanclaim_server.clearinghouse.models import FileState
from cleanclaim_server.cycle.banking import BankOutcome, keep_bank_file, read_bank_file
from cleanclaim_server.cycle.banking.taking import LARGEST
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.tenancy.context import enter
from cleanclaim_server.web.templatetags.numbers import count_text, money_text
from cleanclaim_server.web.views import shared

log = logging.getLogger(__name__)
FILES = "/bank?view=files"


@requires(DataClass.LEDGER, Access.FULL, in_steps=True)
@require_POST
def add_bank_file(request: HttpRequest) -> HttpResponse:
    """Bring in a statement; what it proves is matched at once, the rest waits with its reason."""
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        messages.error(request, "Choose a file that is not empty. Nothing was taken.")
        return redirect("web:bank")
    if upload.size > LARGEST:
        messages.error(
            request, "This file is larger than 32 MB. Use `cleanclaim import bank`. Nothing was taken."
        )
        return redirect("web:bank")
    with enter(request.tenant):
        account = _account(request)
        file = keep_bank_file(
            request.user.agency_id, name=upload.name or "file", data=upload.read(), now=shared.now(),
            account=account, actor_id=request.user.pk,
        )  # fmt: skip
    try:
        with enter(request.tenant):
            done = read_bank_file(
                file, practice_ids=request.tenant.practice_ids, now=shared.now(), today=shared.today(request),
                account=account, actor_id=request.user.pk,
            )  # fmt: skip
    except Exception as error:  # whatever it was: the bytes are safe, and the person must be told so
        log.warning("bank file %s was kept, reading it failed: %s", file.pk, type(error).__name__)
        messages.error(
            request,
            "Kept, but reading it failed, and no line was taken. Bring it in again; report it if it stays.",
        )
        return redirect(FILES)
    say(request, done)
    return redirect("web:bank" if done.is_taken and not done.findings else FILES)


def _account(request: HttpRequest) -> BankAccount | None:
    text = request.POST.get("account", "")
    if not text:
        return None
    try:
        return access_account(request.tenant, UUID(text))
    except ValueError:
        raise Http404 from None


def say(request: HttpRequest, done: BankOutcome) -> None:
    """The result in one sentence."""
    if done.state == FileState.DUPLICATE:
        messages.info(request, "The same bytes were taken before; nothing was done twice.")
        return
    if not done.is_taken:
        finding = next((one for one in done.findings if one.severity.stops), done.findings[-1])
        messages.error(request, f"Kept, and no line was taken: {finding.message} {finding.remedy}".strip())
        return
    parts = [f"{count_text(done.lines_new, 'new line')} of {done.lines_total:,}"]
    if done.tied:
        parts.append(f"{count_text(done.tied, 'match', 'matches')} proved, {money_text(done.tied_cents)}")
    if done.proposed:
        parts.append(f"{done.proposed:,} to confirm")
    if done.set_aside:
        parts.append(f"{done.set_aside:,} set aside")
    more = f" {count_text(len(done.findings), 'row')} could not be read; see below." if done.findings else ""
    (messages.warning if done.findings else messages.success)(request, f"{'; '.join(parts)}.{more}")
