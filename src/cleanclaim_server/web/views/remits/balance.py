"""The tests a payment must pass before a cent is posted, run anew from what was kept, and why one is held."""

from __future__ import annotations

from cleanclaim.remittance import balance as balance_report
from cleanclaim_server.remittances.models import (
    InboxRemittance,
    Remittance,
    RemittanceClaim,
    RemittanceLine,
    RemittanceState,
)
from cleanclaim_server.remittances.queries import content_of
from cleanclaim_server.web.templatetags.numbers import amount, count_text
from cleanclaim_server.web.views.remits.inbox import off_by
from cleanclaim_server.web.views.remits.proof import raw_url

REASONS_SHOWN = 6
TITLES = {
    "remittance.payment_out_of_balance": "The payment does not add up",
    "remittance.claim_out_of_balance": "A claim does not add up",
    "remittance.line_out_of_balance": "A line does not add up",
}


def tests(one: Remittance) -> list[dict]:
    """Payment, every claim, every line: [{label, ok, equation}], from the kept rows in two queries."""
    mine = {"remittance_id": one.pk, "practice_id": one.practice_id}
    claims = RemittanceClaim.objects.filter(**mine)
    total = claims.count()
    off = {finding.get("code", ""): 0 for finding in one.findings}
    for finding in one.findings:
        off[finding.get("code", "")] += 1
    off_claims = off.get("remittance.claim_out_of_balance", 0)
    off_lines = off.get("remittance.line_out_of_balance", 0)
    lines = RemittanceLine.objects.filter(
        remittance_claim__remittance_id=one.pk, practice_id=one.practice_id
    ).count()
    plain = one.claims_paid_cents - one.plb_cents
    sign = "−" if one.plb_cents >= 0 else "+"
    equation = f"claims {amount(one.claims_paid_cents)} {sign} provider level {amount(abs(one.plb_cents))}"
    pays = plain == one.paid_cents
    equation += f" = {amount(plain)}" if pays else f" = {amount(plain)}, but paid is {amount(one.paid_cents)}"
    return [
        {"label": "Payment adds up" if pays else "Payment does not add up", "ok": pays, "equation": equation},
        _test("claim", total, off_claims),
        _test("line", lines, off_lines),
    ]


def _test(noun: str, total: int, off: int) -> dict:
    if not off:
        return {
            "label": f"Every {noun} adds up",
            "ok": True,
            "equation": f"{total:,} of {total:,}: charge less adjustments is paid",
        }
    verb = "does" if off == 1 else "do"
    return {
        "label": f"{count_text(off, noun)} {verb} not add up",
        "ok": False,
        "equation": f"{max(total - off, 0):,} of {total:,} hold: charge less adjustments is paid",
    }


def reason(one: Remittance) -> dict | None:
    """Why a payment waits: {title, cents, text, findings: [{message, remedy, code, raw_url, words}], ask}."""
    if one.state not in (RemittanceState.HELD, RemittanceState.QUARANTINED, RemittanceState.DUPLICATE):
        return None
    found = [
        {
            "title": TITLES.get(finding.get("code", ""), ""),
            "message": finding.get("message", ""),
            "remedy": finding.get("remedy", "").split("\n")[-1],
            "code": finding.get("code", ""),
            "raw_url": _segments(one, finding),
        }
        for finding in one.findings[:REASONS_SHOWN]
    ]
    if one.state != RemittanceState.HELD:
        return {"title": "", "cents": 0, "findings": found, "more": 0, "ask": ""}
    off = off_by(one)
    first = found[0]["message"] if found else ""
    ask = (
        f"Payment {one.trace_number} of {one.paid_on:%d %b %Y} does not balance. {first} "
        "Please send a corrected 835, or tell us which adjustment is missing."
        if off and one.paid_on
        else ""
    )
    return {
        "title": f"Held: off by ${amount(off)}" if off else "Held: reading it found something",
        "cents": off,
        "findings": found,
        "more": max(len(one.findings) - REASONS_SHOWN, 0),
        "ask": ask,
    }


def _segments(one: Remittance, finding: dict) -> str:
    where = finding.get("where") or {}
    place = where.get("segment_index", 0)
    return raw_url(one, place, place) if place else ""


def holds_after_all(one: Remittance) -> bool:
    """Whether a held payment balances: then a person who has looked may post it."""
    if one.inbox_id is None or one.difference_cents:
        return False
    return balance_report(content_of(InboxRemittance.objects.get(pk=one.inbox_id))).balanced
