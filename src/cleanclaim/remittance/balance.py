"""Does a remittance add up? Four tests that must hold before anything posts.

1. Line: charge - adjustments = paid.
2. Claim: charge - all adjustments, its lines' included = paid.
3. Charges: the lines' charges add up to the claim's, when lines were sent.
4. Payment: claims paid - provider adjustments = payment.

A fifth, patient share = sum of the PR adjustments, only warns, and not on reversals, where payers
often leave it out. Source: balancing rules of the 835 guide (005010X221A1), in our own words.
"""

from __future__ import annotations

import msgspec

from cleanclaim.findings import Finding, Severity, Where
from cleanclaim.money import dollars
from cleanclaim.x12.sets.records import RemitClaim, RemitLine, Remittance

REVERSAL = "22"
PREDETERMINATION = "25"

LINE = "remittance.line_out_of_balance"
CLAIM = "remittance.claim_out_of_balance"
CHARGES = "remittance.line_charges_differ"
PAYMENT = "remittance.payment_out_of_balance"
PATIENT = "remittance.patient_share_differs"


class BalanceReport(msgspec.Struct, frozen=True):
    """The answer of `balance`.

    Attributes:
        balanced: True when no test failed; warnings do not count.
        difference_cents: Payment minus (claims paid minus provider adjustments). Positive: the payment
            is larger than what the file explains. 0 while only a line or a claim is wrong.
        claims_paid_cents: Sum of CLP04.
        provider_adjustments_cents: Sum of PLB amounts with the 835's sign.
        findings: In file order, the payment's last.
    """

    balanced: bool
    difference_cents: int
    claims_paid_cents: int
    provider_adjustments_cents: int
    findings: tuple[Finding, ...]


def balance(remittance: Remittance, *, file: str = "") -> BalanceReport:
    """Test every line, every claim and the payment.

    Args:
        file: Name of the file, for the findings only.

    Returns:
        Every difference, exact, with its direction and the segment where it stands.
    """
    place = Where(file=file, transaction=remittance.control_number)
    held = _held(remittance)
    findings: list[Finding] = []
    for claim in remittance.claims:
        _balance_claim(claim, place, held, findings)
    paid = sum(claim.paid_cents for claim in remittance.claims)
    provider = sum(item.amount_cents for item in remittance.provider_adjustments)
    difference = remittance.paid_cents - (paid - provider)
    if difference:
        findings.append(_payment(remittance, paid, provider, difference, place, held))
    stopped = any(finding.severity is Severity.STOP for finding in findings)
    return BalanceReport(not stopped, difference, paid, provider, tuple(findings))


def _balance_claim(claim: RemitClaim, place: Where, held: str, findings: list[Finding]) -> None:
    adjusted = sum(item.amount_cents for item in claim.adjustments)
    line_charges = 0
    for number, line in enumerate(claim.lines, start=1):
        taken = sum(item.amount_cents for item in line.adjustments)
        adjusted += taken
        line_charges += line.charge_cents
        if line.charge_cents - taken != line.paid_cents:
            findings.append(_line(claim, line, number, taken, place, held))
    if claim.charge_cents - adjusted != claim.paid_cents:
        findings.append(_claim(claim, adjusted, place, held))
    if claim.lines and line_charges != claim.charge_cents:
        findings.append(_charges(claim, line_charges, place, held))
    if claim.status != REVERSAL and claim.patient_cents is not None:
        share = patient_share_cents(claim)
        if share != claim.patient_cents:
            findings.append(_patient(claim, share, place))


def patient_share_cents(claim: RemitClaim) -> int:
    """Sum of the adjustments of group PR, of the claim and of its lines."""
    total = sum(item.amount_cents for item in claim.adjustments if item.group == "PR")
    return total + sum(
        item.amount_cents for line in claim.lines for item in line.adjustments if item.group == "PR"
    )


def _direction(difference: int, what: str = "") -> str:
    amount = dollars(abs(difference))
    return f"{amount} too {'much' if difference > 0 else 'little'}{what}"


def _held(remittance: Remittance) -> str:
    trace = remittance.trace_number or "without trace number"
    return (
        f"Held for review: payment {trace} was parked whole, nothing was posted "
        "(a payment that does not balance never posts in part)."
    )


def _span(claim: RemitClaim) -> str:
    last = max([claim.end_position, claim.position, *(line.position for line in claim.lines)])
    return f"segments {claim.position}-{last}" if last > claim.position else f"segment {claim.position}"


def _at(place: Where, loop: str, segment: str, element: str, position: int) -> Where:
    return msgspec.structs.replace(place, loop=loop, segment=segment, element=element, segment_index=position)


def _line(claim: RemitClaim, line: RemitLine, number: int, taken: int, place: Where, held: str) -> Finding:
    expected = line.charge_cents - taken
    difference = line.paid_cents - expected
    return Finding(
        LINE,
        Severity.STOP,
        f"Line {number} ({line.code or 'no code'}) of claim {claim.claim_number} does not balance: charge "
        f"{dollars(line.charge_cents)} - adjustments {dollars(taken)} = {dollars(expected)}, but paid is "
        f"{dollars(line.paid_cents)} ({_direction(difference)}).",
        _at(place, "2110", "SVC", "SVC03", line.position),
        claim.claim_number,
        {
            "line": number,
            "charge_cents": line.charge_cents,
            "adjustments_cents": taken,
            "expected_cents": expected,
            "paid_cents": line.paid_cents,
            "difference_cents": difference,
        },
        f"{held}\nUsual cause: an adjustment (CAS) of the line is missing or has the wrong sign. "
        f"Compare {_span(claim)} with the payer's portal.",
    )


def _claim(claim: RemitClaim, adjusted: int, place: Where, held: str) -> Finding:
    expected = claim.charge_cents - adjusted
    difference = claim.paid_cents - expected
    return Finding(
        CLAIM,
        Severity.STOP,
        f"Claim {claim.claim_number} does not balance: charge {dollars(claim.charge_cents)} - adjustments "
        f"{dollars(adjusted)} = {dollars(expected)}, but paid is {dollars(claim.paid_cents)} "
        f"({_direction(difference)}).",
        _at(place, "2100", "CLP", "CLP04", claim.position),
        claim.claim_number,
        {
            "charge_cents": claim.charge_cents,
            "adjustments_cents": adjusted,
            "expected_cents": expected,
            "paid_cents": claim.paid_cents,
            "difference_cents": difference,
        },
        f"{held}\nUsual cause: an adjustment (CAS) is missing from the claim or from one of its service "
        f"lines. Compare {_span(claim)} with the payer's portal.",
    )


def _charges(claim: RemitClaim, line_charges: int, place: Where, held: str) -> Finding:
    difference = line_charges - claim.charge_cents
    return Finding(
        CHARGES,
        Severity.STOP,
        f"The line charges of claim {claim.claim_number} add up to {dollars(line_charges)}, but its charge "
        f"is {dollars(claim.charge_cents)} ({_direction(difference, ' on the lines')}).",
        _at(place, "2100", "CLP", "CLP03", claim.position),
        claim.claim_number,
        {
            "charge_cents": claim.charge_cents,
            "line_charges_cents": line_charges,
            "difference_cents": difference,
        },
        f"{held}\nUsual cause: a service line is missing, or the payer split the claim and sent the charge "
        f"of the whole. Compare {_span(claim)} with the claim as it was sent.",
    )


def _patient(claim: RemitClaim, share: int, place: Where) -> Finding:
    sent = claim.patient_cents or 0
    return Finding(
        PATIENT,
        Severity.TELL,
        f"Claim {claim.claim_number}: patient responsibility is given as {dollars(sent)}, its adjustments "
        f"of group PR add up to {dollars(share)} ({_direction(sent - share)}).",
        _at(place, "2100", "CLP", "CLP05", claim.position),
        claim.claim_number,
        {"patient_cents": sent, "pr_adjustments_cents": share, "difference_cents": sent - share},
        "The adjustments are what posts. Look at the patient's share before a statement goes out.",
    )


def _payment(
    remittance: Remittance, paid: int, provider: int, difference: int, place: Where, held: str
) -> Finding:
    explained = paid - provider
    return Finding(
        PAYMENT,
        Severity.STOP,
        f"Payment {remittance.trace_number} does not balance: claims paid {dollars(paid)} - provider "
        f"adjustments {dollars(provider)} = {dollars(explained)}, but the payment is "
        f"{dollars(remittance.paid_cents)} ({_direction(difference)}).",
        _at(place, "", "BPR", "BPR02", 2),
        remittance.trace_number,
        {
            "claims_paid_cents": paid,
            "provider_adjustments_cents": provider,
            "expected_cents": explained,
            "paid_cents": remittance.paid_cents,
            "difference_cents": difference,
        },
        f"{held}\nUsual cause: a claim is missing from the file, or a provider adjustment (PLB) has the "
        "wrong sign: positive takes money from the payment, negative adds to it.",
    )
