"""One payment: does it balance, which claims it answers, what was posted, and where each cent came from."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, Prefetch, Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from cleanclaim.codesets.remittance_codes import carc, plb, rarc
from cleanclaim.ledger import CHART, Account
from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.models import FileKind
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.models import User
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.ledger.models import Entry, Leg
from cleanclaim_server.postingrules.history import waiting_parts
from cleanclaim_server.postingrules.models import HeldPart, PartKind
from cleanclaim_server.remittances.access import access_remittance
from cleanclaim_server.remittances.actions import MOVED_OUT, NOT_OURS, PLACED
from cleanclaim_server.remittances.models import (
    ProviderAdjustment,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    RemittanceScan,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import posted_twin
from cleanclaim_server.web.templatetags.numbers import count_text
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.remits import balance, inbox, moving
from cleanclaim_server.web.views.remits.deciding import decide_pane, part_row
from cleanclaim_server.web.views.remits.deposit import deposit_of
from cleanclaim_server.web.views.remits.matching import candidates_of
from cleanclaim_server.web.views.remits.proof import proof_of, raw_url

CLAIMS_SHOWN = 60
ENTRIES_SHOWN = 12


@requires(DataClass.LEDGER, Access.READ)
@require_GET
def remittance(request: HttpRequest, remittance_id: UUID) -> HttpResponse:
    """One payment, line by line, with the proof of one of them."""
    one = access_remittance(request.tenant, remittance_id)
    marks = shared.marks(request)
    start = max(_number(request, "at"), 1)
    total = RemittanceClaim.objects.filter(remittance_id=one.pk, practice_id=one.practice_id).aggregate(
        n=Count("id"), loose=Count("id", filter=Q(claim=None) & ~Q(next_action__in=PLACED))
    )
    answered = _claims(one, Q(number__gte=start))[:CLAIMS_SHOWN]
    loose = _claims(one, Q(claim=None))[:CLAIMS_SHOWN] if total["loose"] else []
    full = shared.also(request, DataClass.LEDGER, Access.FULL)
    may_post = one.practice_id in full.practice_ids
    held = [_held(row, one) for row in loose if row.next_action not in PLACED]
    parts = waiting_parts(request.tenant, one.pk)
    part = _part(request, parts, held)
    chosen = _chosen(request, answered, loose, one, part)
    if held and chosen is not None:
        for row in held:
            row["current"] = row["id"] == chosen[0].pk
    record("remittance.read", "remittance", one.pk, practice_id=one.practice_id, claims=total["n"])
    counts, strays = inbox.counted(request)
    money = _accounts(one)
    moved = _moved(one)
    bank = deposit_of(request, one, may_post)
    context = {
        "today": shared.today(request),
        "inbox": inbox.inbox(
            request, counts, strays, request.GET.get("view") or inbox.view_of(one), current=one
        ),
        "remit": {
            "payer": one.payer_name or "Payer not named",
            "cents": one.paid_cents,
            "received_at": one.received_at,
            "paid_on": one.paid_on,
            "method_word": inbox.method_word(one.method, one.trace_number),
            "practice": marks.get(one.practice_id),
            "claims": one.claims_count,
            "state": one.state,
            "lines": RemittanceLine.objects.filter(remittance_claim__remittance_id=one.pk).count(),
            "posted_at": one.posted_at,
            "posted_by": _name_of(one.posted_by),
            "posting_number": one.posting_number,
            "trace_number": one.trace_number,
            "file_name": one.file.name,
            "source": "Keyed from paper" if one.file.kind == FileKind.EOB else "835",
            "scan_url": _scan_url(one),
        },
        "tests": balance.tests(one),
        "reason": balance.reason(one),
        "twin": _twin(one),
        "where": _where(one, money, len(held) + sum(row.kind == PartKind.HELD for row in parts), bank),
        "bank": bank,
        "post": _post(one, moved, held) if may_post else None,
        "undo": _undo(one, total["n"]) if may_post else None,
        "may_post": may_post,
        "move": _move(one, marks, full.practice_ids) if may_post else None,
        "given": moving.given_away(one, marks, request.tenant.practice_ids, full.practice_ids),
        "taken": moving.taken_over(one, marks, request.tenant.practice_ids, full.practice_ids),
        "parts": [part_row(row, part is not None and row.pk == part.pk) for row in parts],
        "decide": decide_pane(request, one, part, *chosen) if part and chosen and may_post else None,
        "held": held,
        "held_total": _held_total(held) if len(held) > 1 else None,
        "candidates": candidates_of(request, one, chosen[0], moving.others(one, marks, full.practice_ids))
        if chosen and may_post and chosen[0].claim_id is None and chosen[0].next_action not in PLACED
        else None,
        "proof": proof_of(one, *chosen, bank=bank) if chosen else None,
        "lines": [line for row in answered for line in _lines(row, one, chosen)],
        "page": _pages(request, start, len(answered), total["n"]),
        "plb": [
            {
                "code": row.code,
                "meaning": _plb_word(row.code),
                "reference": row.reference,
                "cents": -row.amount_cents,
                "raw_url": raw_url(one, row.position, row.position),
            }
            for row in ProviderAdjustment.objects.filter(
                remittance_id=one.pk, practice_id=one.practice_id
            ).order_by("position", "id")
        ],
        "accounts": money,
        "entries": _entries(one),
        "raw_url": raw_url(one, chosen[0].position, chosen[0].position_end) if chosen else raw_url(one, 0, 0),
        "file_url": moving.file_url(one, full.practice_ids),
    }
    return render(request, "remits/remit.html", context)


def _claims(one: Remittance, which: Q) -> list[RemittanceClaim]:
    """Claim payments with their lines and adjustments; in a handful of queries for any number."""
    lines = (
        RemittanceLine.objects.select_related("claim_line").prefetch_related("adjustments").order_by("number")
    )
    return list(
        RemittanceClaim.objects.filter(which, remittance_id=one.pk, practice_id=one.practice_id)
        .select_related("claim__patient")
        .defer("claim__frozen", "claim__patient__birth_date_sealed", "claim__patient__contact")
        .prefetch_related(Prefetch("lines", queryset=lines), "adjustments")
        .order_by("number")[: CLAIMS_SHOWN + 1]
    )


def _part(request: HttpRequest, parts: list[HeldPart], held: list[dict]) -> HeldPart | None:
    """The waiting part whose pane is open: the asked one, one of the asked claim payment, else the first."""
    asked, number = request.GET.get("part", ""), _number(request, "clp")
    found = [row for row in parts if str(row.pk) == asked]
    found = found or [row for row in parts if number and row.remittance_claim.number == number]
    if found or number or held:
        return found[0] if found else None
    return parts[0] if parts else None


def _chosen(
    request: HttpRequest,
    answered: list[RemittanceClaim],
    loose: list[RemittanceClaim],
    one: Remittance,
    part: HeldPart | None = None,
) -> tuple[RemittanceClaim, RemittanceLine | None] | None:
    """The claim payment whose proof is shown: the asked one, else the first without a claim, else the
    first.
    """
    asked = part.remittance_claim.number if part else _number(request, "clp")
    place = (part.line if part else 0) or _number(request, "line")
    rows = [row for row in answered if row.number == asked] or [row for row in loose if row.number == asked]
    if asked and not rows:
        rows = _claims(one, Q(number=asked))
    waiting = [row for row in loose if row.next_action not in PLACED]
    rows = rows or waiting or answered
    if not rows:
        return None
    lines = list(rows[0].lines.all())
    return rows[0], next((line for line in lines if line.number == place), lines[0] if lines else None)


def _number(request: HttpRequest, key: str) -> int:
    text = request.GET.get(key, "")
    return int(text) if text.isdecimal() and len(text) < 8 else 0


def _pages(request: HttpRequest, start: int, shown: int, total: int) -> dict | None:
    if total <= CLAIMS_SHOWN and start == 1:
        return None
    last = start + min(shown, CLAIMS_SHOWN) - 1
    return {
        "first": start,
        "last": last,
        "total": total,
        "noun": "claims",
        "previous_url": shared.link(request, at=max(start - CLAIMS_SHOWN, 1)) if start > 1 else "",
        "next_url": shared.link(request, at=last + 1) if last < total else "",
    }


# --- what the tables show ---------------------------------------------------------------------------


def _lines(row: RemittanceClaim, one: Remittance, chosen) -> list[dict]:
    """Lines of one claim payment; a claim that was answered as a whole is one line."""
    shared_part = {
        "claim_number": row.claim_number,
        "claim_url": f"/claims/{row.claim_id}" if row.claim_id else None,
        "patient": row.claim.patient.initials if row.claim_id else "",
        "matched_by": row.matched_by.replace("_", " "),
        "denied": row.status == "4",
        "reversal": row.status == "22",
        "not_ours": row.next_action == NOT_OURS,
        "moved": row.match_why if row.next_action == MOVED_OUT else "",
    }
    found = []
    for line in row.lines.all():
        items = list(line.adjustments.all())
        found.append(
            shared_part
            | {
                "code": " ".join(part for part in (line.code, line.modifiers.replace(",", " ")) if part),
                "charge_cents": line.charge_cents,
                "allowed_cents": line.allowed_cents,
                "paid_cents": line.paid_cents,
                "patient_cents": _share(items),
                "adjustments": [_adjustment(item) for item in items],
                "remarks": [{"code": code, "meaning": _rarc_word(code)} for code in line.remarks],
                "current": bool(chosen and chosen[1] is not None and chosen[1].pk == line.pk),
                "proof_url": _proof_url(one, row.number, line.number),
            }
        )
    whole = list(row.adjustments.all())
    claim_level = [item for item in whole if item.line_id is None]
    if not found or claim_level:
        found.append(
            shared_part
            | {
                "code": "" if found else "whole claim",
                "claim_level": bool(found),
                "charge_cents": None if found else row.charge_cents,
                "allowed_cents": None,
                "paid_cents": None if found else row.paid_cents,
                "patient_cents": _share(claim_level),
                "adjustments": [_adjustment(item) for item in claim_level],
                "remarks": [{"code": code, "meaning": _rarc_word(code)} for code in row.remarks],
                "current": bool(chosen and chosen[1] is None and chosen[0].pk == row.pk),
                "proof_url": _proof_url(one, row.number, 0),
            }
        )
    return found


def _share(items) -> int:
    return sum(item.amount_cents for item in items if item.group == "PR")


def _adjustment(item) -> dict:
    return {
        "code": f"{item.group}-{item.reason}",
        "cents": item.amount_cents,
        "meaning": _carc_word(item.reason),
    }


def _proof_url(one: Remittance, claim: int, line: int) -> str:
    return f"/remittances/{one.pk}?clp={claim}&line={line}#h-proof"


def _held(row: RemittanceClaim, one: Remittance) -> dict:
    lines = list(row.lines.all())
    items = [item for line in lines for item in line.adjustments.all()] + [
        item for item in row.adjustments.all() if item.line_id is None
    ]
    allowed = [line.allowed_cents for line in lines]
    on = next((line.service_on for line in lines if line.service_on), None)
    return {
        "id": row.pk,
        "current": False,
        "url": f"/remittances/{one.pk}?clp={row.number}#h-cand",
        "why": "It matches no claim of ours",
        "note": row.match_why,
        "payer_wrote": row.claim_number,
        "on": on,
        "code": ", ".join(dict.fromkeys(line.code for line in lines)),
        "charge_cents": row.charge_cents,
        "allowed_cents": sum(allowed) if lines and None not in allowed else None,
        "paid_cents": row.paid_cents,
        "patient_cents": row.patient_cents if row.patient_cents is not None else _share(items),
    }


def _held_total(held: list[dict]) -> dict:
    allowed = [row["allowed_cents"] for row in held]
    return {
        "charge": sum(row["charge_cents"] for row in held),
        "paid": sum(row["paid_cents"] for row in held),
        "allowed": None if None in allowed else sum(allowed),
        "patient": sum(row["patient_cents"] for row in held),
    }


def _carc_word(code: str) -> str:
    try:
        return carc(code).meaning
    except LookupError:
        return ""


def _rarc_word(code: str) -> str:
    try:
        return rarc(code).meaning
    except LookupError:
        return ""


def _plb_word(code: str) -> str:
    try:
        return plb(code).meaning
    except LookupError:
        return "This code is in no list of ours"


# --- money ------------------------------------------------------------------------------------------


def _accounts(one: Remittance) -> list[dict]:
    """What all entries of this payment add up to, by account; undone postings cancel out."""
    entries = Entry.objects.filter(remittance_id=one.pk, practice_id=one.practice_id)
    rows = (
        Leg.objects.filter(practice_id=one.practice_id, entry_id__in=entries.values("id"))
        .order_by()
        .values("account")
        .annotate(cents=Sum("amount_cents"))
    )
    order = {account.value: place for place, account in enumerate(Account)}
    return [
        {
            "key": row["account"],
            "account": CHART[Account(row["account"])].title,
            "debit_cents": row["cents"] if row["cents"] > 0 else None,
            "credit_cents": -row["cents"] if row["cents"] < 0 else None,
        }
        for row in sorted(rows, key=lambda row: order[row["account"]])
        if row["cents"]
    ]


def _entries(one: Remittance) -> list[dict]:
    """The newest entries, leg by leg."""
    rows = list(
        Entry.objects.filter(remittance_id=one.pk, practice_id=one.practice_id).order_by(
            "-learned_at", "-id"
        )[: ENTRIES_SHOWN + 1]
    )
    legs: dict[UUID, list[Leg]] = {}
    found = Leg.objects.filter(practice_id=one.practice_id, entry_id__in=[row.pk for row in rows])
    for leg in found.order_by("entry_id", "number"):
        legs.setdefault(leg.entry_id, []).append(leg)
    numbers = _claim_numbers({leg.claim_id for mine in legs.values() for leg in mine if leg.claim_id})
    shown = [
        {
            "on": row.happened_on,
            "kind": KINDS.get(row.kind, row.kind.replace("_", " ")),
            "reverses": row.reverses_id is not None,
            "reason": row.reason,
            "segment": row.source_position,
            "legs": [
                {
                    "account": CHART[Account(leg.account)].title,
                    "claim_number": numbers.get(leg.claim_id, ""),
                    "why": f"{leg.group}-{leg.reason}" if leg.reason else "",
                    "debit_cents": leg.amount_cents if leg.amount_cents > 0 else None,
                    "credit_cents": -leg.amount_cents if leg.amount_cents < 0 else None,
                }
                for leg in legs.get(row.pk, ())
            ],
        }
        for row in rows[:ENTRIES_SHOWN]
    ]
    if len(rows) > ENTRIES_SHOWN:
        shown.append({"more": True})
    return shown


KINDS = {
    "remittance_claim": "One claim, posted",
    "remittance_unmatched": "One claim, kept in suspense",
    "provider_adjustment": "Moved outside any claim",
    "reversal": "Taken back: the exact opposite",
    "apply_unapplied": "Out of suspense, onto its claim",
    "between_practices": "One claim, between two practices",
}


def _claim_numbers(ids: set[UUID]) -> dict[UUID, str]:
    from cleanclaim_server.claims.models import Claim

    return dict(Claim.objects.filter(pk__in=ids).values_list("id", "claim_number"))


def _moved(one: Remittance) -> dict[str, int]:
    """Adjustments of the whole payment by group, in cents: what posting will write off or move."""
    from cleanclaim_server.remittances.models import RemittanceAdjustment

    rows = RemittanceAdjustment.objects.filter(
        remittance_claim__remittance_id=one.pk, practice_id=one.practice_id
    )
    return dict(rows.order_by().values_list("group").annotate(cents=Sum("amount_cents")))


def _where(one: Remittance, money: list[dict], waiting: int, bank: dict) -> list[dict]:
    """Where the payment's cents are now."""
    net = {row["key"]: (row["debit_cents"] or 0) - (row["credit_cents"] or 0) for row in money}
    cash = net.get("deposit_clearing", 0)
    suspense = -net.get("unapplied_insurance", 0)
    between = net.get("inter_practice", 0)
    posted = one.state == RemittanceState.POSTED
    if one.part:
        return [
            {"label": "Posted to claims", "cents": between - suspense,
             "note": _by(one) if posted else "not posted"},
            {"label": "Held in suspense", "cents": suspense, "note": count_text(waiting, "part"),
             "tone": "override" if suspense else ""},
            {"label": "Owed by the other practice", "cents": between, "note": "the claim payment"},
            {"label": "Bank", "cents": bank["cents"], "note": bank["word"], "tone": bank["tone"]},
        ]  # fmt: skip
    return [
        {
            "label": "Posted to claims",
            "cents": cash - suspense + between if posted else 0,
            "note": _by(one) if posted else "nothing is posted",
        },
        {
            "label": "Held in suspense",
            "cents": suspense,
            "note": count_text(waiting, "part"),
            "tone": "override" if suspense else "",
        },
        *([{"label": "Other practices’", "cents": -between, "note": "owed to them"}] if between else []),
        {
            "label": "Cash account",
            "cents": cash,
            "note": "the full payment" if cash == one.paid_cents else "until it is posted",
        },
        {"label": "Bank", "cents": bank["cents"], "note": bank["word"], "tone": bank["tone"]},
    ]


def _by(one: Remittance) -> str:
    return "by a person" if one.posted_by else "by itself"


def _scan_url(one: Remittance) -> str:
    has = one.file.kind == FileKind.EOB and RemittanceScan.objects.filter(remittance=one).exists()
    return reverse("web:remittance_scan", args=[one.pk]) if has else ""


def _name_of(user_id: UUID | None) -> str:
    if user_id is None:
        return "itself, when it was read"
    return User.objects.filter(pk=user_id).values_list("display_name", flat=True).first() or "a person"


def _post(one: Remittance, moved: dict[str, int], held: list[dict]) -> dict | None:
    """What posting would do; None where it cannot be asked for."""
    balanced = one.state in (RemittanceState.READY, RemittanceState.UNDONE)
    reviewed = one.state == RemittanceState.HELD and balance.holds_after_all(one)
    if not (balanced or reviewed):
        return None
    patients = moved.get("PR", 0)
    rest = sum(cents for group, cents in moved.items() if group != "PR")
    return {
        "url": reverse("web:post", args=[one.pk]),
        "label": "Post this remittance",
        "cents": one.paid_cents,
        "claims": one.claims_count,
        "patients_cents": patients,
        "written_cents": rest,
        "suspense_cents": sum(row["paid_cents"] for row in held),
        "review": reviewed,
    }


def _undo(one: Remittance, claims: int) -> dict | None:
    if one.state != RemittanceState.POSTED:
        return None
    return {"url": reverse("web:undo", args=[one.pk]), "claims": claims, "cents": one.paid_cents}


MOVABLE = (RemittanceState.POSTED, RemittanceState.READY, RemittanceState.HELD, RemittanceState.UNDONE)


def _move(one: Remittance, marks: dict, reach: frozenset[UUID]) -> dict | None:
    """The other practices in which this person posts, to which the payment may be given."""
    others = moving.others(one, marks, reach)
    if one.state not in MOVABLE or not others or one.part:
        return None
    return {"url": reverse("web:move_remittance", args=[one.pk]), "practices": others}


def _twin(one: Remittance) -> dict | None:
    if one.state not in (RemittanceState.QUARANTINED, RemittanceState.DUPLICATE):
        return None
    twin = posted_twin(one)
    return {"url": f"/remittances/{twin.pk}", "posted_at": twin.posted_at} if twin else None
