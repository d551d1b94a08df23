"""Files that a person brings in through the browser: kept first, then told apart, then read.

The bytes are committed before anything looks at them: no fault of the reading loses what came.

A person may set off only what they could do by hand. A file with payments is read at once when every
practice that it pays is in the person's reach for posting; a file with answers about claims when they work
the claims of the whole agency. Anything else is kept and waits for somebody who has that reach.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from cleanclaim.x12.index import X12File, read_x12
from cleanclaim.x12.sets import read_typed
from cleanclaim.x12.sets.records import Remittance as RemittanceValue
from cleanclaim.x12.sniff import looks_like
from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.files import store_file
from cleanclaim_server.clearinghouse.jobs import enqueue
from cleanclaim_server.clearinghouse.models import FileState, StoredFile
from cleanclaim_server.cycle.receiving import FileOutcome, find_practice, process_file
from cleanclaim_server.cycle.worker import PROCESS
from cleanclaim_server.identity.access import requires, tenant_for
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.remittances.models import InboxRemittance
from cleanclaim_server.tenancy.context import enter, system_context
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.files import DAMAGED, access_file, whole_bytes
from cleanclaim_server.web.views.remits.inbox import sees_whole_agency

log = logging.getLogger(__name__)
LARGEST = 50 * 1024 * 1024
READ_AT_ONCE = 4 * 1024 * 1024
"""Larger files are read by the worker, so that the page answers."""
RETRY_AFTER = timedelta(minutes=2)
ANSWERS = frozenset({"999", "997", "277"})


@dataclass(frozen=True)
class Inside:
    """What a file holds, before anything is done with it."""

    readable: bool
    payments: tuple[UUID | None, ...] = ()
    """The practice of each payment; None for one that is none of ours."""
    answers: int = 0
    claims: int = 0
    others: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        parts = []
        if self.payments:
            parts.append(count_text(len(self.payments), "payment"))
        if self.answers:
            parts.append(count_text(self.answers, "answer"))
        if self.claims:
            parts.append("claims (837), which are what we send")
        parts += [f"a {name}" for name in self.others]
        return " and ".join(parts) or "no transaction"


def look_inside(agency_id: UUID, data: bytes, name: str) -> Inside:
    """Tell what a file is, without acting on it. Never raises on content."""
    parsed: X12File = read_x12(data, file=name)
    if not parsed.interchanges:
        return Inside(False)
    payments: list[UUID | None] = []
    answers, claims, others = sum(len(one.ta1s) for one in parsed.interchanges), 0, []
    for part in parsed.transactions():
        if part.set_id == "835":
            practice = None
            try:
                typed = read_typed(part)
                if typed and isinstance(typed[0], RemittanceValue):
                    practice = find_practice(agency_id, typed[0])
            except (ValueError, KeyError, TypeError):
                practice = None
            payments.append(practice.pk if practice else None)
        elif part.set_id in ANSWERS:
            answers += 1
        elif part.set_id == "837":
            claims += 1
        else:
            others.append(part.set_id)
        part.forget()
    return Inside(True, tuple(payments), answers, claims, tuple(dict.fromkeys(others)))


def may_read(request: HttpRequest, inside: Inside) -> bool:
    """Whether this person could do by hand all that reading the file will do."""
    money = tenant_for(request.user, DataClass.LEDGER, Access.FULL)
    work = tenant_for(request.user, DataClass.CLAIM, Access.FULL)
    if inside.answers and not (sees_whole_agency(work) or sees_whole_agency(money)):
        return False
    strangers = None in inside.payments
    known = {key for key in inside.payments if key is not None}
    if strangers and not sees_whole_agency(money):
        return False
    return known <= money.practice_ids


@requires(DataClass.LEDGER, Access.FULL, in_steps=True)
@require_POST
def add_remittance(request: HttpRequest) -> HttpResponse:
    """Bring in an 835, or any other answer of a payer or clearinghouse."""
    return _take(request, "/remittances")


@requires(DataClass.CLAIM, Access.FULL, in_steps=True)
@require_POST
def add_file(request: HttpRequest) -> HttpResponse:
    """Bring in an answer about claims; payments are kept for those who post."""
    return _take(request, "/batches?view=in")


def _take(request: HttpRequest, back: str) -> HttpResponse:
    upload = request.FILES.get("file")
    if upload is None:
        messages.error(request, "Choose a file first. Nothing was taken.")
        return redirect(back)
    if upload.size == 0:
        messages.error(
            request,
            "This file is empty: it holds no byte, so there is nothing to keep. Ask the sender for it again.",
        )
        return redirect(back)
    if upload.size > LARGEST:
        messages.error(
            request,
            f"This file has {upload.size / 1_048_576:.0f} MB; the browser takes {LARGEST // 1_048_576} MB. "
            "Put it into the partner's folder, or use `cleanclaim import remits`. Nothing was taken.",
        )
        return redirect(back)
    data, file = _keep(request, upload)
    with enter(request.tenant):
        inside = look_inside(file.agency_id, data, file.name)
        if inside.readable and not may_read(request, inside):
            messages.warning(
                request,
                f"Kept, not read: the file holds {inside.word}, and part is for practices outside your role. "
                "Somebody who posts for the whole agency can read it.",
            )
            return _to_file(request, file, back)
        if len(data) > READ_AT_ONCE:
            _read_later(file)
            messages.info(
                request,
                f"Kept. It holds {inside.word} and is read in the background; you may leave this page.",
            )
            return _to_file(request, file, back)
    outcome = _read(request, file)
    with enter(request.tenant):
        if not inside.readable:
            messages.error(
                request,
                f"This is not X12: it looks like {looks_like(data)}. It is kept; nothing was read from it.",
            )
            return _to_file(request, file, back)
        return _answer(request, file, inside, outcome, back)


def _keep(request: HttpRequest, upload: UploadedFile) -> tuple[bytes, StoredFile]:
    """Commit the bytes as they came, before anything looks at them."""
    data = upload.read()
    with enter(request.tenant):
        file = store_file(
            request.user.agency_id,
            name=upload.name or "file",
            data=data,
            direction="in",
            partner=None,
            now=shared.now(),
            stored_by=request.user.pk,
        )
        record("file.received", "file", file.pk, size=len(data))
    return data, file


def _read_later(file: StoredFile, after: timedelta = timedelta(0)) -> None:
    enqueue(file.agency_id, PROCESS, f"file:{file.pk}", due_at=shared.now() + after, subject_id=file.pk)


def _read(request: HttpRequest, file: StoredFile) -> FileOutcome | None:
    """Read a kept file; None when that failed. What goes wrong leaves it kept, and the worker tries again.

    The worker is told before the reading begins, so that a death of this process is mended too; a file
    that was read by then is not read again.
    """
    with enter(request.tenant):
        _read_later(file, RETRY_AFTER)
    try:
        with system_context(file.agency_id), transaction.atomic():
            return process_file(file.pk, now=shared.now(), actor_id=request.user.pk)
    except Exception as error:  # whatever it was: the bytes are safe, and the person must be told so
        log.warning("file %s was kept, reading it failed: %s", file.pk, type(error).__name__)
        return None


def _answer(
    request: HttpRequest, file: StoredFile, inside: Inside, outcome: FileOutcome | None, back: str
) -> HttpResponse:
    if outcome is None:
        messages.warning(
            request,
            "Kept, but reading it failed. It is tried again in the background in two minutes; "
            "nothing is lost, and nothing of it was posted.",
        )
        return _to_file(request, file, back)
    if outcome.state == FileState.DUPLICATE:
        messages.info(request, "The same bytes were received before; nothing was done twice.")
        return _to_file(request, file, back)
    strays = list(
        InboxRemittance.objects.filter(
            agency_id=file.agency_id, file_id=file.pk, state="unassigned"
        ).values_list("id", flat=True)
    )
    if inside.payments and not inside.answers:
        _say_payments(request, inside, outcome)
        if len(inside.payments) == 1 and outcome.remittance_ids:
            return redirect("web:remittance", outcome.remittance_ids[0])
        if len(inside.payments) == 1 and strays:
            return redirect("web:stray", strays[0])
        return _to_file(request, file, back)
    if inside.answers:
        words = f"{count_text(outcome.claims_answered, 'claim')} answered"
        words += f", {outcome.claims_rejected:,} rejected" if outcome.claims_rejected else ""
        messages.success(request, f"Read: {words}.")
    else:
        messages.warning(request, f"Kept, and nothing was done: the file holds {inside.word}.")
    return _to_file(request, file, back)


def _say_payments(request: HttpRequest, inside: Inside, outcome: FileOutcome) -> None:
    parts = [
        f"{number:,} {word}"
        for number, word in (
            (outcome.posted, "posted"),
            (outcome.held, "held"),
            (outcome.quarantined, "in quarantine"),
            (outcome.duplicates, "received before"),
            (outcome.unassigned, "without a practice of ours"),
        )
        if number
    ]
    say = messages.success if outcome.posted == len(inside.payments) else messages.warning
    failed = any(finding.code == "cycle.part_failed" for finding in outcome.findings)
    more = " A part could not be taken in; see the findings." if failed else ""
    say(
        request,
        f"Read {count_text(len(inside.payments), 'payment')}: {', '.join(parts) or 'none taken in'}.{more}",
    )


def _to_file(request: HttpRequest, file: StoredFile, back: str) -> HttpResponse:
    """The page of the file, where its bytes are in reach; else the list."""
    from django.http import Http404

    try:
        access_file(request, file.pk)
    except Http404:
        return redirect(back)
    return redirect("web:file", file.pk)


@requires(DataClass.LEDGER, Access.FULL)
@require_POST
def read_file(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Read a kept file that waits, by somebody whose role reaches all that is in it."""
    file = access_file(request, file_id)
    if file.direction != "in" or file.state != FileState.STORED:
        messages.info(request, "This file was read already; nothing was done twice.")
        return redirect("web:file", file.pk)
    data = whole_bytes(file.pk)
    if data is None:
        messages.error(request, DAMAGED)
        return redirect("web:file", file.pk)
    inside = look_inside(file.agency_id, data, file.name)
    if inside.readable and not may_read(request, inside):
        messages.error(request, "Part of this file is for practices outside your role. Nothing was read.")
        return redirect("web:file", file.pk)
    return _answer(request, file, inside, _read(request, file), f"/files/{file.pk}")
