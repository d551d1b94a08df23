"""From the payer's bytes to the books: the segments of one line, its amounts, its ledger entry, the bank."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cleanclaim.ledger import CHART, Account, EntryKind
from cleanclaim.remittance.keyed import sheet_rows
from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.files import FileChanged, read_bytes
from cleanclaim_server.clearinghouse.models import FileKind, StoredFile
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.remittances.access import access_remittance
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.tenancy.sealing import SealError
from cleanclaim_server.web import x12_words

SHOWN = frozenset({"CLP", "SVC", "CAS", "AMT", "LQ", "REF", "DTM", "MOA"})
RAW_SEGMENTS = 400
AROUND = 3


def raw_url(one: Remittance, first: int, last: int) -> str:
    """The address of a stretch of the payment's own segments."""
    return f"{reverse('web:remittance_raw', args=[one.pk])}?from={first}&to={last or first}"


def segments_of(one: Remittance) -> list[dict]:
    """The segments of this payment alone, other payments of its file stay closed; of paper, its rows."""
    if one.part and one.file.kind != FileKind.EOB:
        return _of_part(one)
    if one.file.kind == FileKind.EOB and one.inbox_id is not None:
        content = content_of(InboxRemittance.objects.get(pk=one.inbox_id))
        return [{"n": place, "text": text} for place, text in sheet_rows(content)]
    return _of_transaction(one)


def _of_transaction(one: Remittance) -> list[dict]:
    try:
        data = read_bytes(StoredFile.objects.get(pk=one.file_id))
    except (FileChanged, SealError):
        return []  # the file's own page says that its bytes were changed
    return x12_words.segments_of(data, one.transaction)


def _of_part(one: Remittance) -> list[dict]:
    """What the payment says of itself, and the one claim: the other claims are the other practice's."""
    row = RemittanceClaim.objects.get(remittance_id=one.pk, practice_id=one.practice_id)
    rows = _of_transaction(one)
    first = next((item["n"] for item in rows if item["text"].startswith(("LX*", "CLP*"))), 0)
    return [item for item in rows if item["n"] < first or row.position <= item["n"] <= row.position_end]


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def remittance_raw(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """A stretch of the payment's segments, the asked-for ones marked and said in words: the raw drawer."""
    one = access_remittance(request.tenant, remittance_id)
    first, last = _number(request, "from"), _number(request, "to")
    last = min(max(first, last), first + RAW_SEGMENTS)
    segments = segments_of(one)
    near = [row for row in segments if not first or first - AROUND <= row["n"] <= last + AROUND][
        :RAW_SEGMENTS
    ]
    record("remittance.raw_read", "remittance", one.pk, practice_id=one.practice_id, first=first, last=last)
    said = next((row for row in near if row["n"] == first), None)
    raw = {
        "segments": near,
        "highlight": list(range(first, last + 1)) if first else 0,
        "say": x12_words.explain(said["text"]) if said else None,
    }
    problem = "" if near else "The bytes of this payment cannot be shown."
    return render(request, "claims/raw.html", {"raw": raw, "problem": problem})


def _number(request: HttpRequest, key: str) -> int:
    text = request.GET.get(key, "")
    return int(text) if text.isdecimal() and len(text) < 8 else 0


def proof_of(one: Remittance, row: RemittanceClaim, line: RemittanceLine | None, *, bank: dict) -> dict:
    """The proof of one line, or of a claim answered as a whole, as `components/proof.html` takes it.

    Args:
        bank: Where the payment's money was seen, as `deposit.deposit_of` says it.
    """
    lines = list(row.lines.all())
    if line is None:
        first, last = row.position, row.position_end
        items = list(row.adjustments.all())
        charge, paid = row.charge_cents, row.paid_cents
    else:
        following = [other.position for other in lines if other.position > line.position]
        first, last = line.position, (min(following) - 1 if following else row.position_end)
        items = list(line.adjustments.all())
        charge, paid = line.charge_cents, line.paid_cents
    legs, entry = _legs(one, row, line, first, last)
    return {
        "title": f"{row.claim_number}, {line.code if line is not None else 'whole claim'}",
        "segments": _segments(
            one, row.position, first, last, charge, paid, [item.amount_cents for item in items]
        ),
        "file_note": _file_note(one),
        "line": [
            {"label": "Charge", "cents": charge},
            *({"label": f"{item.group}-{item.reason}", "cents": -item.amount_cents} for item in items),
            {"label": "Paid", "cents": paid, "strong": True},
        ],
        "line_note": f"Matched by {row.matched_by.replace('_', ' ')}"
        if row.claim_id
        else "Matches no claim of ours",
        "claim_url": f"/claims/{row.claim_id}" if row.claim_id else "",
        "claim_number": row.claim_number,
        "entry_on": entry.happened_on if entry else one.paid_on,
        "entry": legs,
        "entry_note": _entry_note(one, entry),
        "bank": {
            "cents": bank["cents"],
            "facts": bank["facts"],
            "matched": bank["is_whole"],
            "note": "The whole payment is at the bank" if bank["is_whole"] else bank["word"],
        }
        if bank["cents"] is not None
        else None,
        "bank_word": bank["word"],
        "bank_note": f"Expected on {one.paid_on:%d %b %Y} under {one.trace_number}" if one.paid_on else "",
    }


def _file_note(one: Remittance) -> str:
    how = "Keyed in from paper, " if one.file.kind == FileKind.EOB else ""
    return f"{how}{one.file.name}, kept as received, SHA-256 {one.file.sha256[:12]}…"


def _entry_note(one: Remittance, entry: Entry | None) -> str:
    if entry is None:
        return (
            "Nothing is written while the payment is not posted."
            if one.state != RemittanceState.POSTED
            else "No cent moved here."
        )
    return f"Segment {entry.source_position} of transaction {one.transaction}"


def _segments(
    one: Remittance, claim_at: int, first: int, last: int, charge: int, paid: int, adjusted: list[int]
) -> list[dict]:
    """CLP and what belongs to the line, each with its amount marked."""
    shown = []
    wanted = {_plain(cents) for cents in (paid, *adjusted)} or {_plain(charge)}
    for row in segments_of(one):
        tag = row["text"][:3].rstrip("*")
        if row["n"] != claim_at and not (first <= row["n"] <= last):
            continue
        if tag.strip() not in SHOWN:
            continue
        before, mark, after = _marked(row["text"], wanted)
        shown.append({"n": row["n"], "before": before, "mark": mark, "after": after})
    return shown[:14]


def _plain(cents: int) -> str:
    """An amount as X12 writes it: no trailing zeros, no sign of currency."""
    sign = "-" if cents < 0 else ""
    whole, part = divmod(abs(cents), 100)
    return f"{sign}{whole}.{part:02d}".rstrip("0").rstrip(".")


def _marked(text: str, wanted: set[str]) -> tuple[str, str, str]:
    tag = text[:3]
    places = {"SVC": 3, "CLP": 4}
    parts = text.rstrip("~").split("*")
    at = places.get(tag)
    if at is None and tag == "CAS":
        at = next(
            (place for place, value in enumerate(parts) if place % 3 == 0 and place and _same(value, wanted)),
            None,
        )
    if at is None or at >= len(parts):
        return text, "", ""
    return (
        "*".join(parts[:at]) + "*",
        parts[at],
        ("*" + "*".join(parts[at + 1 :]) if at + 1 < len(parts) else "") + "~",
    )


def _same(value: str, wanted: set[str]) -> bool:
    return (value.rstrip("0").rstrip(".") if "." in value else value) in wanted


WHOLE = (
    Account.DEPOSIT_CLEARING.value,
    Account.UNAPPLIED_INSURANCE.value,
    Account.INTER_PRACTICE.value,
)
WHOLE_KINDS = (EntryKind.REMITTANCE_UNMATCHED, EntryKind.BETWEEN_PRACTICES)
"""Accounts whose legs stand for a whole claim payment; a line shows its own part of them."""


def _legs(
    one: Remittance, row: RemittanceClaim, line: RemittanceLine | None, first: int, last: int
) -> tuple[list[dict], Entry | None]:
    """The legs that these segments wrote, oldest entry first, and the newest entry.

    Entries that were taken back are left out. A line that waited has two: into suspense, and out of it.
    """
    entries = list(
        Entry.objects.filter(
            practice_id=one.practice_id,
            remittance_id=one.pk,
            source_position=row.position,
            reverses__isnull=True,
            reversed_by__isnull=True,
        ).order_by("learned_at", "id")
    )
    if not entries:
        return [], None
    legs: dict[UUID, list[Leg]] = {}
    for leg in Leg.objects.filter(
        practice_id=one.practice_id, entry_id__in=[entry.pk for entry in entries]
    ).order_by("number"):
        legs.setdefault(leg.entry_id, []).append(leg)
    shown = []
    for entry in entries:
        mine = legs.get(entry.pk, [])
        if line is None:
            shown += [_leg(leg, leg.amount_cents) for leg in mine]
            continue
        inside = [
            leg
            for leg in mine
            if first <= leg.source_position <= last and entry.kind != EntryKind.BETWEEN_PRACTICES
        ]
        have = {leg.account for leg in inside}
        if (inside or entry.kind in WHOLE_KINDS) and line.paid_cents:
            shown += [
                _leg(leg, abs(line.paid_cents) * (1 if leg.amount_cents > 0 else -1))
                for leg in mine
                if leg not in inside and leg.account in WHOLE and leg.account not in have
            ]
        shown += [_leg(leg, leg.amount_cents) for leg in inside]
    return shown, entries[-1]


def _leg(leg: Leg, cents: int) -> dict:
    return {
        "account": CHART[Account(leg.account)].title + (f" {leg.group}-{leg.reason}" if leg.reason else ""),
        "debit_cents": cents if cents > 0 else None,
        "credit_cents": -cents if cents < 0 else None,
    }
