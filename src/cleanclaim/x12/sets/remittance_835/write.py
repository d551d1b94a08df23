"""Write a `Remittance` as an 835 transaction, as a payer would."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from cleanclaim.dates import ccyymmdd
from cleanclaim.findings import Finding
from cleanclaim.money import x12_amount
from cleanclaim.x12.sets.layouts.particulars import inpatient_segment, outpatient_segment
from cleanclaim.x12.sets.records import ProviderAdjustment, RemitClaim, RemitLine, RemitParty, Remittance
from cleanclaim.x12.sets.writing import Refusals, address_segments, cas_segments, in_chunks, is_plain, nm1
from cleanclaim.x12.writer import Element, SetBody, WriteRefused

GUIDE = "005010X221A1"
FAMILY = "x12.835"
PAIRS_PER_PLB = 6
REMARKS_PER_CLAIM = 5

_METHODS = frozenset(("ACH", "BOP", "CHK", "FWT", "NON"))
_STATUSES = frozenset(["1", "2", "3", "4", "19", "20", "21", "22", "23", "25"])
_FILING_CODES = frozenset(
    [
        "12",
        "13",
        "14",
        "15",
        "16",
        "17",
        "AM",
        "CH",
        "DS",
        "HM",
        "LM",
        "MA",
        "MB",
        "MC",
        "OF",
        "TV",
        "VA",
        "WC",
        "ZZ",
    ]
)
_GROUPS = frozenset(("CO", "OA", "PI", "PR"))
_TRACE_PAYER = re.compile(r"[A-Z0-9]{10}\Z")
# REF order inside a claim and a line: the guide groups its qualifiers.
_CLAIM_ORDER = (
    frozenset(["1L", "1W", "28", "6P", "9A", "9C", "BB", "CE", "EA", "F8", "G1", "G3", "IG", "SY"]),
)
_LINE_ORDER = (
    frozenset(["1S", "APC", "BB", "E9", "G1", "G3", "LU", "RB"]),
    frozenset(("6R",)),
    frozenset(["0B", "1A", "1B", "1C", "1D", "1G", "1H", "1J", "D3", "G2", "HPI", "SY", "TJ"]),
)

Segments = Iterator[tuple[Element, ...]]


def write_835(remittance: Remittance, *, control_number: str) -> SetBody:
    """Write one 835 transaction.

    What a record of a read file carries only for posting (positions, counts, interchange number) is
    not sent. Sums are not checked here: a test partner must be able to send a remittance that does
    not balance.

    Raises:
        WriteRefused: The guide's shape cannot be met, such as a payer without address; one finding
            for each fault.
    """
    findings = _check(remittance)
    if findings:
        raise WriteRefused(findings)
    return SetBody("835", GUIDE, "HP", control_number, list(_segments(remittance)), st03=False)


def _segments(remittance: Remittance) -> Segments:
    electronic = remittance.method in ("ACH", "BOP", "FWT")
    paid_on = ccyymmdd(remittance.paid_on) if remittance.paid_on else ""
    yield (
        "BPR",
        remittance.handling or "I",
        x12_amount(abs(remittance.paid_cents)),
        "D" if remittance.paid_cents < 0 else "C",
        remittance.method,
        "CCP" if remittance.method == "ACH" else "",
        "",
        "",
        "",
        "",
        remittance.trace_payer_id if electronic else "",
        "",
        "",
        "",
        "",
        "",
        paid_on,
    )
    yield ("TRN", "1", remittance.trace_number, remittance.trace_payer_id, remittance.trace_supplement)
    if remittance.currency:
        yield ("CUR", "PR", remittance.currency)
    if remittance.receiver_id:
        yield ("REF", "EV", remittance.receiver_id)
    if remittance.production_date:
        yield ("DTM", "405", ccyymmdd(remittance.production_date))
    yield from _payer(remittance.payer)
    yield from _payee(remittance.payee)
    runs = groupby(remittance.claims, key=lambda claim: claim.provider_number)
    for number, (provider_number, members) in enumerate(runs, 1):
        claims = list(members)
        yield ("LX", str(number))
        if provider_number:
            charges = x12_amount(sum(claim.charge_cents for claim in claims))
            yield (
                "TS3",
                provider_number,
                claims[0].facility_code or "11",
                paid_on[:4] + "1231",
                str(len(claims)),
                charges,
            )
        for claim in claims:
            yield from _claim(claim)
    yield from _provider_adjustments(remittance.provider_adjustments)


def _payer(payer: RemitParty) -> Segments:
    xv = payer.id if payer.id_qualifier == "XV" else ""
    yield ("N1", "PR", payer.name, "XV" if xv else "", xv)
    yield from address_segments(payer.address)
    for qualifier, value in payer.additional_ids:
        yield ("REF", qualifier, value)
    yield ("PER", "BL", payer.contact_name, "TE" if payer.contact_phone else "", payer.contact_phone)


def _payee(payee: RemitParty) -> Segments:
    yield ("N1", "PE", payee.name, payee.id_qualifier, payee.id)
    yield from address_segments(payee.address)
    for qualifier, value in payee.additional_ids:
        yield ("REF", qualifier, value)
    if payee.tax_id and payee.id_qualifier != "FI":
        yield ("REF", "TJ", payee.tax_id)


def _claim(claim: RemitClaim) -> Segments:
    patient = "" if claim.patient_cents is None else x12_amount(claim.patient_cents)
    yield (
        "CLP",
        claim.claim_number,
        claim.status,
        x12_amount(claim.charge_cents),
        x12_amount(claim.paid_cents),
        patient,
        claim.filing_code,
        claim.payer_control_number,
        claim.facility_code,
        claim.frequency,
    )
    yield from cas_segments(claim.adjustments)
    yield _party("QC", "1", claim.patient)
    for entity, party in (
        ("IL", claim.subscriber),
        ("74", claim.corrected_patient),
        ("82", claim.rendering),
        ("TT", claim.crossover_to),
        ("PR", claim.priority_payer),
        ("GB", claim.other_subscriber),
    ):
        if party != RemitParty():
            organization = entity in ("TT", "PR") or (entity == "82" and not party.first_name)
            yield _party(entity, "2" if organization else "1", party)
    # One of the two carries the remark codes: that of a stay where there is one.
    if claim.inpatient is not None:
        yield inpatient_segment(claim.inpatient, claim.remarks)
    answer = outpatient_segment(claim.outpatient, () if claim.inpatient is not None else claim.remarks)
    if answer:
        yield answer
    yield from _references(claim.references, _CLAIM_ORDER)
    for qualifier, day in (
        ("232", claim.service_from),
        ("233", claim.service_to),
        ("036", claim.coverage_ended_on),
        ("050", claim.received_on),
    ):
        if day:
            yield ("DTM", qualifier, ccyymmdd(day))
    yield from (("AMT", qualifier, x12_amount(cents)) for qualifier, cents in claim.amounts)
    yield from (("QTY", qualifier, number) for qualifier, number in claim.quantities)
    for line in claim.lines:
        yield from _line(line)


def _party(entity: str, kind: str, party: RemitParty) -> tuple[str, ...]:
    return nm1(
        entity,
        kind,
        party.name,
        party.first_name,
        party.middle_name,
        party.suffix,
        party.id_qualifier,
        party.id,
    )


def _references(pairs: tuple[tuple[str, str], ...], order: tuple[frozenset[str], ...]) -> Segments:
    def place(pair: tuple[str, str]) -> int:
        return next((at for at, members in enumerate(order) if pair[0] in members), len(order))

    for qualifier, value in sorted(pairs, key=place):
        yield ("REF", qualifier, value)


def _line(line: RemitLine) -> Segments:
    submitted: Element = ""
    if line.submitted_code:
        submitted = (
            line.submitted_qualifier or line.qualifier,
            line.submitted_code,
            *line.submitted_modifiers,
        )
    yield (
        "SVC",
        (line.qualifier, line.code, *line.modifiers),
        x12_amount(line.charge_cents),
        x12_amount(line.paid_cents),
        line.revenue_code,
        line.units_paid,
        submitted,
        line.units_billed,
    )
    if line.service_from and line.service_from == line.service_to:
        yield ("DTM", "472", ccyymmdd(line.service_from))
    else:
        for qualifier, day in (("150", line.service_from), ("151", line.service_to)):
            if day:
                yield ("DTM", qualifier, ccyymmdd(day))
    yield from cas_segments(line.adjustments)
    control = (("6R", line.line_control),) if line.line_control else ()
    yield from _references((*line.references, *control), _LINE_ORDER)
    if line.allowed_cents is not None:
        yield ("AMT", "B6", x12_amount(line.allowed_cents))
    yield from (("AMT", qualifier, x12_amount(cents)) for qualifier, cents in line.amounts)
    yield from (("QTY", qualifier, number) for qualifier, number in line.quantities)
    yield from (("LQ", "HE", remark) for remark in line.remarks)


def _provider_adjustments(adjustments: tuple[ProviderAdjustment, ...]) -> Segments:
    for (provider_id, period), members in groupby(
        adjustments, key=lambda one: (one.provider_id, one.fiscal_period_end)
    ):
        for chunk in in_chunks(list(members), PAIRS_PER_PLB):
            pairs: list[Element] = []
            for one in chunk:
                pairs += [(one.code, one.reference), x12_amount(one.amount_cents)]
            yield ("PLB", provider_id, ccyymmdd(period) if period else "", *pairs)


def _check(remittance: Remittance) -> list[Finding]:
    out = Refusals(FAMILY, "", "Remittance")
    if remittance.method not in _METHODS:
        out.add("write_method", "has no valid payment method", "Use ACH, BOP, CHK, FWT or NON.", "", "BPR04")
    if remittance.paid_on is None:
        out.add("write_date", "has no payment date", "Set paid_on.", "", "BPR16")
    if not is_plain(remittance.trace_number, 50):
        out.add("write_trace", "has no usable trace number", "Set trace_number.", "", "TRN02")
    if not _TRACE_PAYER.match(remittance.trace_payer_id):
        out.add(
            "write_trace",
            "has no trace payer id of ten characters",
            "Use 1 and the payer's tax id.",
            "",
            "TRN03",
        )
    payer, payee = remittance.payer, remittance.payee
    if not payer.name or not list(address_segments(payer.address)):
        out.add(
            "write_payer",
            "has no payer with name and address",
            "Set payer.name and payer.address.",
            "1000A",
            "N102",
        )
    if not payee.name or payee.id_qualifier not in ("FI", "XV", "XX") or not is_plain(payee.id, 80, 2):
        out.add(
            "write_payee",
            "has no payee with name and NPI or tax id",
            "Set payee with qualifier XX or FI.",
            "1000B",
            "N104",
        )
    for one in remittance.provider_adjustments:
        if one.fiscal_period_end is None or not one.provider_id or not one.code:
            out.add(
                "write_provider_adjustment",
                "has a provider adjustment without provider, period or code",
                "Complete it.",
                "",
                "PLB03",
            )
    for claim in remittance.claims:
        out.findings += _check_claim(claim)
    return out.findings


def _check_claim(claim: RemitClaim) -> list[Finding]:
    out = Refusals(FAMILY, claim.claim_number[:50], "Claim")
    if not is_plain(claim.claim_number, 38):
        out.add(
            "write_claim",
            "has no usable claim number",
            "Use the number of the claim answered.",
            "2100",
            "CLP01",
        )
    if claim.status not in _STATUSES:
        out.add("write_claim", "has no valid status", "Use 1, 2, 3, 4, 19-23 or 25.", "2100", "CLP02")
    if claim.filing_code not in _FILING_CODES:
        out.add(
            "write_claim",
            "has no filing code of an 835",
            "Commercial plans use 12, 13, 14, 15, HM or ZZ.",
            "2100",
            "CLP06",
        )
    if not is_plain(claim.payer_control_number, 50):
        out.add("write_claim", "has no payer control number", "Give the claim one.", "2100", "CLP07")
    if not claim.patient.name:
        out.add("write_claim", "has no patient", "Set patient.", "2100", "NM103")
    if len(claim.remarks) > REMARKS_PER_CLAIM:
        out.add(
            "write_claim",
            f"has more than {REMARKS_PER_CLAIM} remarks",
            "Put remarks on lines.",
            "2100",
            "MOA03",
        )
    if claim.inpatient is not None and claim.inpatient.covered_days is None:
        out.add(
            "write_claim", "prices a stay without its covered days", "Give 0 or the days.", "2100", "MIA01"
        )
    adjustments = [*claim.adjustments, *(one for line in claim.lines for one in line.adjustments)]
    if any(one.group not in _GROUPS or not one.reason for one in adjustments):
        out.add(
            "write_adjustment",
            "has an adjustment without a valid group and reason",
            "Use CO, OA, PI or PR.",
            "2100",
            "CAS01",
        )
    return out.findings
