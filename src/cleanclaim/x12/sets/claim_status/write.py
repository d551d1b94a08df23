"""Write a `StatusReport` as a 277CA or a 277, as a clearinghouse or payer would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from cleanclaim.dates import ccyymmdd
from cleanclaim.findings import Finding
from cleanclaim.money import x12_amount
from cleanclaim.x12.sets.records import ClaimStatus, RemitParty, StatusInfo, StatusReport
from cleanclaim.x12.sets.writing import Refusals, in_chunks, nm1
from cleanclaim.x12.writer import Element, SetBody, WriteRefused

GUIDE_277CA = "005010X214"
GUIDE_277 = "005010X212"
CODES_PER_STC = 3
RECEIVED = StatusInfo("A1", "19", "PR")
"""What a level says of itself when the report has no status for it: received by the payer."""

Segments = Iterator[tuple[Element, ...]]


def write_277ca(report: StatusReport, *, control_number: str, created_at: datetime) -> SetBody:
    """Write one claim acknowledgment.

    Statuses stand in the order they are to be sent: a claim's lines after the claim. Neighbours with
    the same provider, and with the same patient, share their level. The batch and each provider get
    a plain receipt (A1, 19) where the report has no status of that level.

    Raises:
        WriteRefused: A claim lacks what the guide requires; one finding for each fault.
    """
    findings = _check(report, "x12.277ca")
    if findings:
        raise WriteRefused(findings)
    pen = _Pen(report, created_at)
    return SetBody("277", GUIDE_277CA, "HN", control_number, list(pen.acknowledgment()))


def write_277(report: StatusReport, *, control_number: str, created_at: datetime) -> SetBody:
    """Write one answer to a status inquiry; every patient is written as the subscriber.

    Raises:
        WriteRefused: A claim lacks what the guide requires; one finding for each fault.
    """
    findings = _check(report, "x12.277")
    if findings:
        raise WriteRefused(findings)
    pen = _Pen(report, created_at)
    return SetBody("277", GUIDE_277, "HN", control_number, list(pen.answer()))


class _Pen:
    def __init__(self, report: StatusReport, created_at: datetime) -> None:
        self.report = report
        self.created_at = created_at
        self.level = 0

    def hl(self, parent: int, code: str, child: str = "1") -> tuple[str, ...]:
        self.level += 1
        return ("HL", str(self.level), str(parent) if parent else "", code, child)

    def heading(self, structure: str, kind: str, source: str) -> Segments:
        report, at = self.report, self.created_at
        yield ("BHT", structure, "08", report.reference, f"{at:%Y%m%d}", f"{at:%H%M}", kind)
        yield self.hl(0, "20")
        yield nm1(
            source,
            "2",
            report.source_name,
            qualifier=report.source_id_qualifier or "PI",
            identifier=report.source_id,
        )

    def receiver(self) -> tuple[str, ...]:
        return nm1("41", "2", self.report.receiver_name, qualifier="46", identifier=self.report.receiver_id)

    # 277CA

    def acknowledgment(self) -> Segments:
        report, today = self.report, self.created_at.date()
        yield from self.heading("0085", "TH", report.source_kind or "PR")
        yield ("TRN", "1", report.source_trace or report.reference)
        yield ("DTP", "050", "D8", ccyymmdd(report.received_on or today))
        yield ("DTP", "009", "D8", ccyymmdd(report.processed_on or today))
        claims = [one for one in report.statuses if one.level == "claim"]
        runs = _by_provider(report.statuses)
        yield self.hl(1, "21", "1" if runs else "0")
        yield self.receiver()
        yield ("TRN", "2", report.batch_reference)
        own = [one for one in report.statuses if one.level == "receiver"]
        yield from self.receipt(own, claims, dated=True)
        yield from _totals(report, "90", "AA")
        for provider, members in runs:
            beneath = [one for one in members if one.level == "claim"]
            yield self.hl(2, "19")
            provider_level = self.level
            yield _provider("85", provider)
            own = [one for one in members if one.level == "provider"]
            yield ("TRN", "1", (own[0].trace_number if own else "") or "0")
            yield from self.receipt(own, beneath, dated=False)
            for one in own[:1]:
                yield from _totals(one, "QA", "QC")
            patient = None
            for status in members:
                if status.level == "claim":
                    if status.patient != patient:
                        patient = status.patient
                        yield self.hl(provider_level, "PT", "")
                        yield _person("QC", status)
                    yield ("TRN", "2", status.claim_number)
                    yield from self.status(status)
                    yield from _references(
                        status,
                        ("1K", status.payer_control_number),
                        ("D9", status.clearinghouse_number),
                        ("BLT", status.bill_type),
                    )
                elif status.level == "line":
                    yield _service(status, with_paid=False)
                    yield from self.status(status, line=True)
                    yield from _references(status, ("FJ", status.line_control))

    def receipt(self, own: Sequence[ClaimStatus], claims: Sequence[ClaimStatus], *, dated: bool) -> Segments:
        if own:
            for one in own:
                yield from self.status(one, dated=dated)
            return
        total = x12_amount(sum(one.charge_cents or 0 for one in claims))
        day = ccyymmdd(self.created_at.date()) if dated else ""
        yield ("STC", _composite(RECEIVED), day, "WQ", total)

    def status(self, status: ClaimStatus, *, dated: bool = True, line: bool = False) -> Segments:
        """STC segments of a 277CA: three codes each; the message goes with the first."""
        day = ccyymmdd(status.effective_on or self.created_at.date()) if dated else ""
        charge = "" if line else x12_amount(status.charge_cents or 0)
        for at, codes in enumerate(in_chunks(status.statuses, CODES_PER_STC)):
            first, second, third = _padded(codes)
            message = status.message if at == 0 and not line else ""
            yield ("STC", first, day, status.action, charge, "", "", "", "", "", second, third, message)

    # 277

    def answer(self) -> Segments:
        yield from self.heading("0010", "DG", "PR")
        runs = _by_provider(self.report.statuses)
        yield self.hl(1, "21", "1" if runs else "0")
        yield self.receiver()
        yield from self.found_above("receiver", self.report.statuses, "2")
        for provider, members in runs:
            yield self.hl(2, "19", "1" if any(one.level == "claim" for one in members) else "0")
            provider_level = self.level
            yield _provider("1P", provider)
            yield from self.found_above("provider", members, "1")
            patient = None
            for status in members:
                if status.level == "claim":
                    if status.patient != patient:
                        patient = status.patient
                        yield self.hl(provider_level, "22", "0")
                        yield _person("IL", status)
                    yield ("TRN", "2", status.trace_number)
                    yield from self.found(status)
                    yield from _references(
                        status,
                        ("1K", status.payer_control_number),
                        ("BLT", status.bill_type),
                        ("EJ", status.claim_number),
                        ("D9", status.clearinghouse_number),
                    )
                elif status.level == "line":
                    yield _service(status, with_paid=True)
                    yield from self.found(status, line=True)
                    yield from _references(status, ("FJ", status.line_control))

    def found_above(self, level: str, statuses: Sequence[ClaimStatus], trace: str) -> Segments:
        """What became of an inquiry that failed above its claims."""
        own = [one for one in statuses if one.level == level]
        if own:
            yield ("TRN", trace, own[0].trace_number or "0")
        for one in own:
            yield from self.found(one, line=True)

    def found(self, status: ClaimStatus, *, line: bool = False) -> Segments:
        """STC segments of a 277: amounts and payment go with the first."""
        day = ccyymmdd(status.effective_on or self.created_at.date())
        paid_on = _day(status.paid_on)
        money = [
            "" if status.charge_cents is None else x12_amount(status.charge_cents),
            "" if status.paid_cents is None else x12_amount(status.paid_cents),
            paid_on,
            "",
            paid_on if status.check_number else "",
            status.check_number,
        ]
        for at, codes in enumerate(in_chunks(status.statuses, CODES_PER_STC)):
            first, second, third = _padded(codes)
            yield ("STC", first, day, "", *(money if at == 0 and not line else [""] * 6), second, third)


def _totals(level: StatusReport | ClaimStatus, accepted: str, rejected: str) -> Segments:
    """How many claims beneath a level were taken and refused, and their charges."""
    for name, count in ((accepted, level.accepted_count), (rejected, level.rejected_count)):
        if count is not None:
            yield ("QTY", name, str(count))
    for name, cents in (("YU", level.accepted_cents), ("YY", level.rejected_cents)):
        if cents is not None:
            yield ("AMT", name, x12_amount(cents))


def _by_provider(statuses: Sequence[ClaimStatus]) -> list[tuple[RemitParty, list[ClaimStatus]]]:
    """Runs of neighbours with one provider; a provider's own status opens a run, lines stay with claims."""
    runs: list[tuple[RemitParty, list[ClaimStatus]]] = []
    for status in statuses:
        if status.level not in ("provider", "claim", "line"):
            continue
        same = bool(runs) and (status.level == "line" or runs[-1][0] == status.provider)
        if same and status.level == "provider" and any(one.level != "provider" for one in runs[-1][1]):
            same = False
        if not same:
            runs.append((status.provider, []))
        runs[-1][1].append(status)
    return runs


def _composite(status: StatusInfo) -> tuple[str, ...]:
    return (status.category, status.status, status.entity)


def _padded(codes: Sequence[StatusInfo]) -> list[Element]:
    found: list[Element] = [_composite(one) for one in codes]
    return found + [""] * (CODES_PER_STC - len(found))


def _day(day: date | None) -> str:
    return ccyymmdd(day) if day else ""


def _provider(entity: str, party: RemitParty) -> tuple[str, ...]:
    kind = "1" if party.first_name else "2"
    return nm1(
        entity,
        kind,
        party.name,
        party.first_name,
        party.middle_name,
        party.suffix,
        party.id_qualifier or "XX",
        party.id,
    )


def _person(entity: str, status: ClaimStatus) -> tuple[str, ...]:
    party = status.patient
    return nm1(
        entity,
        "1",
        party.name,
        party.first_name,
        party.middle_name,
        party.suffix,
        party.id_qualifier or "MI",
        party.id or status.member_id,
    )


def _service(status: ClaimStatus, *, with_paid: bool) -> tuple[Element, ...]:
    service = (status.qualifier or "HC", status.code, *status.modifiers)
    paid = x12_amount(status.paid_cents or 0) if with_paid else ""
    units = "1" if with_paid else ""
    return ("SVC", service, x12_amount(status.charge_cents or 0), paid, "", "", "", units)


def _references(status: ClaimStatus, *pairs: tuple[str, str]) -> Segments:
    for qualifier, value in pairs:
        if value:
            yield ("REF", qualifier, value)
    if status.service_from:
        start = ccyymmdd(status.service_from)
        if status.service_to and status.service_to != status.service_from:
            yield ("DTP", "472", "RD8", f"{start}-{ccyymmdd(status.service_to)}")
        else:
            yield ("DTP", "472", "D8", start)


def _check(report: StatusReport, family: str) -> list[Finding]:
    answers_file = family == "x12.277ca"
    out = Refusals(family, "", "Answer")
    if not report.reference:
        out.add("write_reference", "has no reference", "Set reference.", "", "BHT03")
    if not report.source_name or len(report.source_id) < 2:
        out.add(
            "write_source",
            "has no source with name and id",
            "Set source_name and source_id.",
            "2100A",
            "NM103",
        )
    if not report.receiver_name or len(report.receiver_id) < 2:
        out.add(
            "write_receiver",
            "has no receiver with name and id",
            "Set receiver_name and receiver_id.",
            "2100B",
            "NM103",
        )
    if answers_file and not report.batch_reference:
        out.add(
            "write_reference",
            "names no file it answers",
            "Set batch_reference to BHT03 of that file.",
            "2200B",
            "TRN02",
        )
    claim_seen = False
    for provider, members in _by_provider(report.statuses) if answers_file else ():
        if all(one.level == "provider" for one in members):
            one = Refusals(family, "", "Provider")
            one.add(
                "write_provider_claims",
                f"number {provider.id[:10]} has a status and no claim beneath it",
                "Name each of its claims with a status of its own.",
                "2000D",
                "HL04",
            )
            out.findings += one.findings
    for status in report.statuses:
        claim_seen = claim_seen or status.level == "claim"
        one = Refusals(family, status.claim_number[:50], "Claim")
        if status.level not in ("receiver", "provider", "claim", "line") or not status.statuses:
            one.add(
                "write_status",
                "has a status without codes or with an unknown level",
                "Complete it.",
                "",
                "STC01",
            )
        if status.level == "line" and not (claim_seen and status.code):
            one.add(
                "write_line",
                "has a line status without claim or procedure",
                "Place it after its claim.",
                "2220D",
                "SVC01",
            )
        if answers_file and status.action not in ("WQ", "U"):
            one.add("write_action", "has no action", "Use WQ for accepted, U for rejected.", "2200D", "STC03")
        if status.level == "claim":
            _check_claim(status, one, answers_file)
        out.findings += one.findings
    return out.findings


def _check_claim(status: ClaimStatus, out: Refusals, answers_file: bool) -> None:
    if not (status.provider.name and status.provider.id):
        out.add("write_provider", "has no provider with name and id", "Set provider.", "2100C", "NM103")
    if not status.patient.name or not (status.patient.id or status.member_id):
        out.add("write_patient", "has no patient with name and member id", "Set patient.", "2100D", "NM103")
    if answers_file and (not status.claim_number or status.service_from is None):
        out.add(
            "write_claim",
            "has no claim number or date of service",
            "Set claim_number and service_from.",
            "2200D",
            "TRN02",
        )
    if not answers_file and not status.trace_number:
        out.add(
            "write_claim",
            "has no trace of the inquiry",
            "Set trace_number to TRN02 of the 276.",
            "2200D",
            "TRN02",
        )
