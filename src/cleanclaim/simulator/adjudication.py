"""What a payer says of one claim: charges, payments and adjustments that balance line by line.

Every line obeys ``charge - adjustments = paid``, and the claim is the sum of its lines; only the
scenario ``ZB`` breaks that, on purpose.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import msgspec

from cleanclaim.claim import Claim, ServiceLine
from cleanclaim.money import apply_rate, split_evenly
from cleanclaim.simulator.contract import Prices
from cleanclaim.simulator.mispaying import (
    AFTER_ALLOWED,
    SEQUESTRATION_PERCENT,
    UNEXPLAINED_PERCENT,
    WITHHOLD_TOO_HIGH,
    Agreement,
    Paid,
    Turns,
    bill_of,
    decide,
    due,
    percent,
)
from cleanclaim.simulator.scenarios import Family, Scenario
from cleanclaim.x12.sets.records import Cas, RemitClaim, RemitLine, RemitParty

COPAY_CENTS = 2_500
DEDUCTIBLE_LEFT_CENTS = 5_000
COINSURANCE = Decimal("0.20")
SEQUESTRATION = Decimal("0.02")
UNDERPAID_SHARE = Decimal("0.85")
CORRECTED_SHARE = Decimal("0.90")
WITHHOLD_SHARE = Decimal("0.05")
INTEREST_SHARE = Decimal("0.01")
SECONDARY_SHARE = Decimal("0.80")
OUT_OF_BALANCE_CENTS = 1_000

OWN_WAY = frozenset(("CC", "WH"))
"""Scenarios that divide a payment in their own way, whatever the payer agreed."""

LOWER_CODE = {
    "90837": "90834",
    "90834": "90832",
    "90838": "90836",
    "90836": "90833",
    "90792": "90791",
    "99215": "99214",
    "99214": "99213",
    "99213": "99212",
    "99205": "99204",
    "99204": "99203",
}
"""The code that a downcoding payer pays instead."""

_REMITTANCE_FILING_CODES = frozenset("12 13 14 15 16 17 AM CH DS HM LM MA MB MC OF TV VA WC ZZ".split())
_STATUS_BY_SEQUENCE = {"P": "1", "S": "2", "T": "3"}

Split = tuple[int, list[tuple[str, str, int]]]
"""Paid cents and the adjustments beside CO-45 as (group, reason, cents)."""


def adjudicate(
    claim: Claim,
    scenario: Scenario,
    prices: Prices,
    *,
    control_number: str,
    received_on: date,
    turns: Turns | None = None,
    planted: dict[str, str] | None = None,
) -> RemitClaim:
    """Answer a claim of the first payer.

    Args:
        claim: As received.
        scenario: From the member id; one that rejects or stays silent answers like ``PD``.
        prices: The contract.
        control_number: CLP07.
        received_on: DTM*050.
        turns: Whose mistake is next, at a payer with an agreement; None pays everything as agreed.
        planted: Told of each line that was paid by a mistake.
    """
    if scenario.family is Family.DENIED and scenario.reason:
        return deny(
            claim,
            scenario.group,
            scenario.reason,
            scenario.remarks,
            control_number=control_number,
            received_on=received_on,
            status=scenario.status if claim.sequence == "P" else "",
        )
    work = _Work(claim, scenario, prices, turns, planted if planted is not None else {})
    lines = tuple(work.line(line) for line in claim.lines)
    answer = _claim(claim, lines, control_number, received_on)
    if scenario.prefix == "ID":
        corrected = RemitParty(
            claim.patient.last_name, claim.patient.first_name, "C", f"PD{claim.member_id[2:]}"
        )
        answer = msgspec.structs.replace(answer, corrected_patient=corrected)
    return answer


def deny(
    claim: Claim,
    group: str,
    reason: str,
    remarks: tuple[str, ...],
    *,
    control_number: str,
    received_on: date,
    status: str = "",
) -> RemitClaim:
    """Deny every line in full. Remarks that begin with MA stand on the claim, others on each line."""
    on_line = tuple(remark for remark in remarks if not remark.startswith("MA"))
    lines = tuple(
        _line(line, 0, [(group, reason, line.charge_cents)], 0, remarks=on_line) for line in claim.lines
    )
    answer = _claim(claim, lines, control_number, received_on)
    on_claim = tuple(remark for remark in remarks if remark.startswith("MA"))
    return msgspec.structs.replace(answer, status=status or answer.status, remarks=on_claim)


def adjudicate_after_others(claim: Claim, *, control_number: str, received_on: date) -> RemitClaim:
    """Answer a claim that another payer has answered: 80 % of what that payer left to the patient.

    What is neither paid nor left to the patient is OA-23. The rest of the patient share stays PR-2,
    but with Medicaid it is CO-45: its members owe nothing.
    """
    shares = left_to_patient(claim)
    rest_group, rest_reason = ("CO", "45") if claim.payer.claim_filing_code == "MC" else ("PR", "2")
    lines = []
    for line, share in zip(claim.lines, shares, strict=True):
        paid = apply_rate(share, SECONDARY_SHARE)
        adjustments = [("OA", "23", line.charge_cents - share), (rest_group, rest_reason, share - paid)]
        lines.append(_line(line, paid, adjustments, share))
    return _claim(claim, tuple(lines), control_number, received_on)


def left_to_patient(claim: Claim) -> list[int]:
    """What the payers before left to the patient, in cents, one per service line.

    From the lines' own answers; where there are none, the claim's amount is shared out evenly, no
    line above its charge.
    """
    answered = [line.other_payers[-1] if line.other_payers else None for line in claim.lines]
    if any(answered):
        return [
            min(line.charge_cents, sum(one.amount_cents for one in answer.adjustments if one.group == "PR"))
            if answer
            else 0
            for line, answer in zip(claim.lines, answered, strict=True)
        ]
    last = next((other for other in reversed(claim.other_payers) if other.paid_cents is not None), None)
    if last is None:
        return [0] * len(claim.lines)
    total = last.remaining_patient_cents
    if total is None:
        total = sum(one.amount_cents for one in last.adjustments if one.group == "PR")
    return [
        min(line.charge_cents, part)
        for line, part in zip(claim.lines, split_evenly(max(total, 0), len(claim.lines)), strict=True)
    ]


def cross_over(
    claim: Claim, first: RemitClaim, *, filing_code: str, control_number: str, received_on: date
) -> RemitClaim:
    """The next payer's answer to a claim that the first one forwarded: it pays the patient share."""
    lines = []
    for answered in first.lines:
        share = sum(cas.amount_cents for cas in answered.adjustments if cas.group == "PR")
        lines.append(
            msgspec.structs.replace(
                answered,
                paid_cents=share,
                allowed_cents=share,
                remarks=(),
                adjustments=_cas([("OA", "23", answered.charge_cents - share)]),
            )
        )
    other = next((one for one in claim.other_payers if one.sequence == "S"), None)
    patient = msgspec.structs.replace(first.patient, id=other.member_id) if other else first.patient
    return msgspec.structs.replace(
        first,
        status="2",
        paid_cents=sum(line.paid_cents for line in lines),
        patient_cents=0,
        patient=patient,
        filing_code=remittance_filing_code(filing_code),
        payer_control_number=control_number,
        received_on=received_on,
        lines=tuple(lines),
        crossover_to=RemitParty(),
        remarks=(),
    )


def reverse(answer: RemitClaim, remark: str) -> RemitClaim:
    """CLP02 22: every amount with the opposite sign, under the control number that is undone."""
    lines = tuple(
        msgspec.structs.replace(
            line,
            charge_cents=-line.charge_cents,
            paid_cents=-line.paid_cents,
            allowed_cents=None,
            adjustments=_negated(line.adjustments),
        )
        for line in answer.lines
    )
    return msgspec.structs.replace(
        answer,
        status="22",
        charge_cents=-answer.charge_cents,
        paid_cents=-answer.paid_cents,
        patient_cents=None,
        lines=lines,
        remarks=(remark,),
        adjustments=_negated(answer.adjustments),
        crossover_to=RemitParty(),
        corrected_patient=RemitParty(),
        amounts=(),
    )


def correct(answer: RemitClaim, control_number: str) -> RemitClaim:
    """The answer again at a lower rate: what is not paid any more joins CO-45."""
    lines = []
    for line in answer.lines:
        paid = apply_rate(line.paid_cents, CORRECTED_SHARE)
        cut = line.paid_cents - paid
        kept = [(cas.group, cas.reason, cas.amount_cents) for cas in line.adjustments]
        at = next((at for at, cas in enumerate(kept) if cas[:2] == ("CO", "45")), None)
        if at is None:
            kept.append(("CO", "45", cut))
        else:
            kept[at] = ("CO", "45", kept[at][2] + cut)
        allowed = None if line.allowed_cents is None else line.allowed_cents - cut
        lines.append(
            msgspec.structs.replace(line, paid_cents=paid, adjustments=_cas(kept), allowed_cents=allowed)
        )
    return msgspec.structs.replace(
        answer,
        payer_control_number=control_number,
        paid_cents=sum(line.paid_cents for line in lines),
        lines=tuple(lines),
    )


def remittance_filing_code(claim_filing_code: str) -> str:
    """CLP06 for SBR09: an 835 knows fewer codes; commercial plans answer as 12."""
    return claim_filing_code if claim_filing_code in _REMITTANCE_FILING_CODES else "12"


class _Work:
    """One claim under one scenario; what is left of copay and deductible runs down its lines."""

    def __init__(
        self,
        claim: Claim,
        scenario: Scenario,
        prices: Prices,
        turns: Turns | None = None,
        planted: dict[str, str] | None = None,
    ) -> None:
        self.claim = claim
        self.turns, self.planted = turns, planted if planted is not None else {}
        agreed = scenario.family in (Family.PAID, Family.PATIENT_SHARE) and scenario.prefix not in OWN_WAY
        self.agreement = prices.agreements.get(claim.payer.payer_id) if agreed else None
        self.prices = prices
        self.code = scenario.prefix
        self.rule = _RULES.get(scenario.prefix, _Work.in_full)
        self.copay = COPAY_CENTS
        self.deductible = DEDUCTIBLE_LEFT_CENTS
        self.last = claim.lines[-1].number if len(claim.lines) > 1 else -1

    def line(self, line: ServiceLine) -> RemitLine:
        if self.code == "CC":
            return _line(line, 0, [("CO", "24", line.charge_cents)], 0)
        if self.code == "PT" and line.number == self.last:
            return _line(line, 0, [("CO", "97", line.charge_cents)], 0, remarks=("M15",))
        if self.agreement is not None:
            return self.agreed(line, self.agreement)
        code = LOWER_CODE.get(line.code, line.code) if self.code == "DN" else line.code
        allowed = self.allowed(line, code)
        paid, shares = self.rule(self, allowed)
        contractual = line.charge_cents - allowed
        if self.code == "ZB" and line is self.claim.lines[0]:
            contractual += OUT_OF_BALANCE_CENTS
        return _line(
            line,
            paid,
            [("CO", "45", contractual), *shares],
            allowed,
            code=code,
            remarks=("N22",) if code != line.code else (),
        )

    def agreed(self, line: ServiceLine, agreement: Agreement) -> RemitLine:
        """The line of a payer with an agreement: as agreed, or by its next mistake."""
        bill = bill_of(agreement, self.claim, line)
        told = decide(agreement, bill, self.turns) if self.turns is not None else Paid(due(agreement, bill))
        allowed = told.allowed_cents
        if allowed is None:
            self.planted[line.control_number] = told.kind
            return _line(line, 0, [("CO", "97", line.charge_cents)], 0, remarks=("M15",))
        left, shares = self.rule(self, allowed)
        if told.kind in AFTER_ALLOWED and not left:
            told = Paid(allowed)  # nothing is paid, so nothing of it can be missing
        if told.kind:
            self.planted[line.control_number] = told.kind
        held = percent(left, agreement.withhold)
        if told.kind == "withhold_not_agreed":
            held = percent(left, WITHHOLD_TOO_HIGH)
        cuts = [("CO", "104", held)]
        if told.kind == "sequestration_not_agreed":
            cuts.append(("CO", "253", percent(left, SEQUESTRATION_PERCENT)))
        paid = left - sum(cents for _, _, cents in cuts)
        hidden = percent(paid, UNEXPLAINED_PERCENT) if told.kind == "unexplained_reduction" else 0
        answered = _line(
            line,
            paid - hidden,
            [("CO", "45", line.charge_cents - allowed + hidden), *shares, *cuts],
            allowed,
            code=told.code,
            remarks=("N22",) if told.code else (),
        )
        return msgspec.structs.replace(answered, units_paid=told.units) if told.units else answered

    def allowed(self, line: ServiceLine, code: str) -> int:
        payer_id = self.claim.payer.payer_id
        allowed = self.prices.allowed(payer_id, code, line.charge_cents, line.units)
        if self.code == "UP":
            return apply_rate(allowed, UNDERPAID_SHARE)
        if code != line.code:
            # Without a rate for the lower code its share of charge would equal the higher code's.
            higher = self.prices.allowed(payer_id, line.code, line.charge_cents, line.units)
            return min(allowed, apply_rate(higher, UNDERPAID_SHARE))
        return allowed

    # How the allowed amount is divided.

    def in_full(self, allowed: int) -> Split:
        return allowed, []

    def deductible_only(self, allowed: int) -> Split:
        return 0, [("PR", "1", allowed)]

    def deductible_then_coinsurance(self, allowed: int) -> Split:
        taken = min(self.deductible, allowed)
        self.deductible -= taken
        coinsurance = apply_rate(allowed - taken, COINSURANCE)
        return allowed - taken - coinsurance, [("PR", "1", taken), ("PR", "2", coinsurance)]

    def copay_first(self, allowed: int) -> Split:
        taken = min(self.copay, allowed)
        self.copay -= taken
        return allowed - taken, [("PR", "3", taken)]

    def coinsurance(self, allowed: int) -> Split:
        share = apply_rate(allowed, COINSURANCE)
        return allowed - share, [("PR", "2", share)]

    def medicare(self, allowed: int) -> Split:
        share = apply_rate(allowed, COINSURANCE)
        cut = apply_rate(allowed - share, SEQUESTRATION)
        return allowed - share - cut, [("PR", "2", share), ("CO", "253", cut)]

    def withhold(self, allowed: int) -> Split:
        held = apply_rate(allowed, WITHHOLD_SHARE)
        return allowed - held, [("CO", "104", held)]


_RULES: dict[str, Callable[[_Work, int], Split]] = {
    "DD": _Work.deductible_only,
    "DC": _Work.deductible_then_coinsurance,
    "CP": _Work.copay_first,
    "CN": _Work.coinsurance,
    "SQ": _Work.medicare,
    "XO": _Work.medicare,
    "WH": _Work.withhold,
}


def _cas(adjustments: list[tuple[str, str, int]]) -> tuple[Cas, ...]:
    return tuple(Cas(group, reason, cents) for group, reason, cents in adjustments if cents)


def _negated(adjustments: tuple[Cas, ...]) -> tuple[Cas, ...]:
    return tuple(msgspec.structs.replace(cas, amount_cents=-cas.amount_cents) for cas in adjustments)


def _line(
    line: ServiceLine,
    paid: int,
    adjustments: list[tuple[str, str, int]],
    allowed: int,
    *,
    code: str = "",
    remarks: tuple[str, ...] = (),
) -> RemitLine:
    changed = bool(code) and code != line.code
    return RemitLine(
        code=code or line.code,
        charge_cents=line.charge_cents,
        paid_cents=paid,
        modifiers=line.modifiers,
        units_paid=line.units,
        submitted_code=line.code if changed else "",
        submitted_modifiers=line.modifiers if changed else (),
        submitted_qualifier="HC" if changed else "",
        revenue_code=line.revenue_code,
        service_from=line.date_of_service,
        service_to=line.date_of_service_end or line.date_of_service,
        line_control=line.control_number,
        allowed_cents=allowed or None,
        adjustments=_cas(adjustments),
        remarks=remarks,
    )


def _claim(claim: Claim, lines: tuple[RemitLine, ...], control_number: str, received_on: date) -> RemitClaim:
    patient, rendering = claim.patient, claim.rendering
    subscriber = RemitParty()
    if claim.relationship != "18":
        person = claim.subscriber
        subscriber = RemitParty(person.last_name, person.first_name, "MI", claim.member_id)
    to_patient = (cas.amount_cents for line in lines for cas in line.adjustments if cas.group == "PR")
    return RemitClaim(
        claim_number=claim.claim_number,
        status=_STATUS_BY_SEQUENCE.get(claim.sequence, "1"),
        charge_cents=claim.total_charge_cents,
        paid_cents=sum(line.paid_cents for line in lines),
        patient_cents=sum(to_patient),
        filing_code=remittance_filing_code(claim.payer.claim_filing_code),
        payer_control_number=control_number,
        facility_code=claim.bill.facility if claim.bill else claim.place_of_service,
        frequency=claim.bill_type[-1:] or claim.frequency.value,
        patient=RemitParty(patient.last_name, patient.first_name, "MI", claim.member_id),
        subscriber=subscriber,
        rendering=RemitParty(rendering.last_name, rendering.first_name, "XX", rendering.npi)
        if rendering and rendering.npi
        else RemitParty(),
        service_from=min(line.service_from for line in lines if line.service_from),
        service_to=max(line.service_to for line in lines if line.service_to),
        received_on=received_on,
        lines=lines,
    )
