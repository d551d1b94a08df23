"""Read an 837P transaction into claims.

A walk over the segments with four questions kept current: which level (HL03), which claim, which
other payer of it (2320), which service line (2400). What the claim record has no place for is
passed over; what it needs and cannot be read is a finding, and only that claim is left out.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING

from cleanclaim.claim import (
    Adjustment,
    Claim,
    Frequency,
    Organization,
)
from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.claim_837p.particulars import add_particular, particulars_of
from cleanclaim.x12.sets.claim_837p.read_parts import (
    Answer,
    Coverage,
    Line,
    OpenClaim,
    Party,
    clinician_of,
    line_of,
    other_payer_of,
)
from cleanclaim.x12.sets.claim_837p.sent import with_point
from cleanclaim.x12.sets.layouts.particulars import outpatient
from cleanclaim.x12.sets.reading import Faults, body, cas_triples
from cleanclaim.x12.sets.records import ClaimInFile, Receiver, Submitter

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Segment, Transaction


def read_837p(transaction: Transaction) -> tuple[list[ClaimInFile], list[Finding]]:
    """Read the claims of one 837P transaction, in file order.

    Never raises on input. A claim that lacks what its record needs (a readable date of service, a
    readable charge) is left out and named by a finding of severity stop.
    """
    walk = _Walk(transaction)
    for segment in body(transaction):
        walk.take(segment)
    walk.close_claim()
    return walk.claims, walk.faults.findings


class _Walk:
    def __init__(self, transaction: Transaction) -> None:
        self.faults = Faults(transaction, "x12.837p")
        self.claims: list[ClaimInFile] = []
        self.batch_reference = ""
        self.created_at: datetime | None = None
        self.level = ""
        self.taxonomy = ""
        self.relationship = ""
        self.parties: dict[str, Party] = {}
        self.coverage: Coverage | None = None
        self.claim: OpenClaim | None = None
        self.party: Party | None = None
        self.position = 0

    def take(self, segment: Segment) -> None:
        if segment.id in ("HL", "CLM"):
            self.close_claim()
        handler = _HANDLERS.get(segment.id)
        if handler is not None:
            handler(self, segment)
        self.position = segment.position

    # Where we are.

    @property
    def line(self) -> Line | None:
        return self.claim.lines[-1] if self.claim and self.claim.lines else None

    @property
    def other(self) -> Coverage | None:
        return self.claim.others[-1] if self.claim and self.claim.others and not self.claim.lines else None

    @property
    def answer(self) -> Answer | None:
        line = self.line
        return line.answers[-1] if line and line.answers else None

    # Segments.

    def bht(self, segment: Segment) -> None:
        self.batch_reference = segment.get(3)
        day = self.faults.day(segment, 4)
        clock = segment.get(5)[:4]
        if day is not None and clock.isascii() and clock.isdecimal() and len(clock) == 4:
            hour, minute = int(clock[:2]), int(clock[2:])
            if hour < 24 and minute < 60:
                self.created_at = datetime.combine(day, time(hour, minute))

    def hl(self, segment: Segment) -> None:
        self.level = segment.get(3)
        self.party = None
        self.faults.loop = {"20": "2000A", "22": "2000B", "23": "2000C"}.get(self.level, "")
        gone = {"20": ("85", "87", "IL", "PR", "QC"), "22": ("IL", "PR", "QC"), "23": ("QC",)}.get(
            self.level, ()
        )
        for entity in gone:
            self.parties.pop(entity, None)
        if self.level == "20":
            self.taxonomy = ""
        if self.level in ("20", "22"):
            self.coverage = None
        self.relationship = ""

    def prv(self, segment: Segment) -> None:
        if segment.get(1) == "BI" and self.claim is None:
            self.taxonomy = segment.get(3)
        elif segment.get(1) == "PE" and self.party is not None:
            self.party.taxonomy = segment.get(3)

    def sbr(self, segment: Segment) -> None:
        if self.claim is None:
            self.coverage = Coverage(segment)
        elif not self.claim.lines:
            self.claim.others.append(Coverage(segment))
            self.party = None

    def pat(self, segment: Segment) -> None:
        self.relationship = segment.get(1)

    def nm1(self, segment: Segment) -> None:
        entity = segment.get(1)
        self.party = Party(
            segment.get(2), segment.get(3), segment.get(4), segment.get(5), segment.get(7), segment.get(9)
        )
        holder = self.line or self.other or self.claim
        parties = self.parties if holder is None else holder.parties
        # The first of a kind is the one a claim names: a second referring provider is the primary care one.
        if self.claim is None or entity not in parties:
            parties[entity] = self.party

    def n3(self, segment: Segment) -> None:
        if self.party is not None:
            self.party.address = (segment.get(1), segment.get(2), *self.party.address[2:])

    def n4(self, segment: Segment) -> None:
        if self.party is not None:
            self.party.address = (*self.party.address[:2], segment.get(1), segment.get(2), segment.get(3))

    def dmg(self, segment: Segment) -> None:
        if self.party is not None:
            self.party.birth_date = self.faults.day(segment, 2)
            self.party.sex = segment.get(3) or "U"

    def per(self, segment: Segment) -> None:
        if self.party is None or self.party.contact or self.party.phone:
            return
        self.party.contact = segment.get(2)
        for at in (3, 5, 7):
            if segment.get(at) == "TE":
                self.party.phone = segment.get(at + 1)
            elif segment.get(at) == "EM":
                self.party.references.append(("EM", segment.get(at + 1)))

    def ref(self, segment: Segment) -> None:
        qualifier, value = segment.get(1), segment.get(2)
        if self.line is not None:
            if qualifier == "6R":
                self.line.control = value
        elif self.party is not None:
            self.party.references.append((qualifier, value))
        elif self.claim is not None:
            self.claim.references.setdefault(qualifier, value)

    def clm(self, segment: Segment) -> None:
        self.faults.about(segment.get(1))
        self.faults.loop = "2300"
        self.claim = OpenClaim(segment, self.faults.amount(segment, 2))
        self.party = None

    def amt(self, segment: Segment) -> None:
        qualifier = segment.get(1)
        if self.claim is None or self.line is not None:
            return
        if self.other is not None and qualifier in ("D", "EAF"):
            amount = self.faults.amount(segment, 2)
            if qualifier == "D":
                self.other.paid = amount
            else:
                self.other.remaining = amount
        elif self.other is None and qualifier == "F5":
            self.claim.patient_paid = self.faults.amount(segment, 2) or 0

    def nte(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is not None and not holder.note:
            holder.note = segment.get(2)

    def cn1(self, segment: Segment) -> None:
        if self.line is not None and segment.get(1) == "09" and not any(segment.elements[3:]):
            self.line.obligated_cents = self.faults.amount(segment, 2)
        else:
            self.particular(segment)

    def particular(self, segment: Segment) -> None:
        """CN1, HCP, CR1, CR2 or CRC of a line or, before any line and other payer, of the claim."""
        holder = self.line or (None if self.other else self.claim)
        if holder is not None:
            add_particular(holder.particulars, segment, self.faults)

    def hi(self, segment: Segment) -> None:
        if self.claim is None or segment.get(1, 1) not in ("ABK", "BK"):
            return
        pairs = [segment.composite(at) for at in range(1, len(segment.elements))]
        wanted = ("ABK", "BK", "ABF", "BF")
        self.claim.diagnoses = tuple(
            with_point(pair[1]) for pair in pairs if len(pair) > 1 and pair[0] in wanted and pair[1]
        )

    def cas(self, segment: Segment) -> None:
        holder = self.answer if self.line is not None else self.other
        if holder is not None:
            holder.adjustments += [
                Adjustment(one.group, one.reason, one.amount_cents, one.quantity)
                for one in cas_triples(segment, self.faults)
            ]

    def moa(self, segment: Segment) -> None:
        if self.other is not None:
            self.other.outpatient, self.other.remarks = outpatient(segment, self.faults)

    def lx(self, segment: Segment) -> None:
        if self.claim is not None:
            self.faults.loop = "2400"
            self.claim.lines.append(Line(self.faults.count(segment, 1) or len(self.claim.lines) + 1))
            self.party = None

    def sv1(self, segment: Segment) -> None:
        line = self.line
        if line is None:
            return
        service = segment.composite(1)
        line.code = segment.get(1, 2)
        line.modifiers = tuple(filter(None, service[2:6]))
        line.charge = self.faults.amount(segment, 2)
        line.units = segment.get(4)
        line.place = segment.get(5)
        pointers = [one for one in segment.composite(7) if one]
        line.pointers = tuple(
            int(one) for one in pointers if one.isascii() and one.isdecimal() and len(one) <= 2
        )
        if len(line.pointers) != len(pointers):
            self.faults.add(
                "pointer_unreadable",
                Severity.TELL,
                "SV107 points to no diagnosis.",
                segment,
                7,
                "The pointer is left out.",
            )

    def dtp(self, segment: Segment) -> None:
        qualifier = segment.get(1)
        if self.answer is not None and qualifier == "573":
            self.answer.paid_on = self.faults.day(segment, 3)
        elif self.line is not None and qualifier == "472":
            self.line.start, self.line.end = self.faults.period(segment, 3)
        elif self.other is not None and qualifier == "573":
            self.other.paid_on = self.faults.day(segment, 3)

    def svd(self, segment: Segment) -> None:
        if self.line is not None:
            self.faults.loop = "2430"
            service = segment.composite(3)
            self.line.answers.append(
                Answer(
                    segment.get(1),
                    self.faults.amount(segment, 2) or 0,
                    segment.get(3, 2),
                    tuple(filter(None, service[2:6])),
                    segment.get(5),
                )
            )

    # Making the records.

    def close_claim(self) -> None:
        found, self.claim = self.claim, None
        if found is None:
            return
        self.faults.loop = "2300"
        claim = self.make_claim(found)
        if claim is not None:
            submitter = self.parties.get("41", Party())
            emails = [value for kind, value in submitter.references if kind == "EM"]
            receiver = self.parties.get("40", Party())
            self.claims.append(
                ClaimInFile(
                    claim,
                    found.clm.position,
                    self.position,
                    self.batch_reference,
                    Submitter(
                        submitter.last,
                        submitter.id,
                        submitter.contact,
                        submitter.phone,
                        emails[0] if emails else "",
                        submitter.kind == "1",
                        submitter.first,
                    ),
                    Receiver(receiver.last, receiver.id),
                    self.created_at,
                )
            )
        self.faults.about("")

    def make_claim(self, found: OpenClaim) -> Claim | None:
        clm, coverage = found.clm, self.coverage
        lines = [line for line in found.lines if line.start is not None and line.charge is not None]
        unreadable = len(found.lines) - len(lines)
        if found.total is None or unreadable or not lines:
            self.faults.add(
                "claim_unreadable",
                Severity.STOP,
                "A claim lacks a readable charge, or a service line with charge and date; it was left out.",
                clm,
                0,
                "Correct the claim at its source.",
            )
            return None
        try:
            frequency = Frequency(clm.get(5, 3))
        except ValueError:
            frequency = Frequency.ORIGINAL
            self.faults.add(
                "frequency_unknown",
                Severity.STOP,
                "CLM05-3 is not 1, 7 or 8; read as 1.",
                clm,
                5,
                "Use 1 original, 7 replacement or 8 void.",
            )
        sbr = coverage.sbr if coverage else None
        filing_code = sbr.get(9) if sbr else ""
        subscriber = self.parties.get("IL", Party())
        dependent = self.parties.get("QC")
        billing = self.parties.get("85", Party())
        billing.taxonomy = self.taxonomy
        pay_to = self.parties.get("87")
        facility = found.parties.get("77")
        made = [line_of(line) for line in lines]
        return Claim(
            claim_number=clm.get(1),
            billing_provider=billing.organization(),
            payer=self.parties.get("PR", Party()).payer(filing_code),
            subscriber=subscriber.person(),
            member_id=subscriber.id,
            patient=(dependent or subscriber).person(),
            lines=tuple(made),
            diagnoses=found.diagnoses,
            place_of_service=clm.get(5, 1),
            total_charge_cents=found.total,
            sequence=sbr.get(1) if sbr else "",
            relationship=(self.relationship or "G8") if dependent else "18",
            group_number=sbr.get(3) if sbr else "",
            group_name=sbr.get(4) if sbr else "",
            insurance_type=sbr.get(5) if sbr else "",
            frequency=frequency,
            payer_control_number=found.references.get("F8", ""),
            rendering=clinician_of(found.parties, "82"),
            supervising=clinician_of(found.parties, "DQ"),
            referring=clinician_of(found.parties, "DN"),
            service_facility=Organization(facility.last, facility.id, address=facility.sent_address())
            if facility
            else None,
            pay_to=pay_to.sent_address() if pay_to else None,
            authorization_number=found.references.get("G1", ""),
            referral_number=found.references.get("9F", ""),
            provider_signature=clm.get(6),
            accept_assignment=clm.get(7),
            benefits_assigned=clm.get(8),
            release_of_information=clm.get(9),
            patient_paid_cents=found.patient_paid,
            note=found.note,
            particulars=particulars_of(found.particulars),
            other_payers=tuple(other_payer_of(other, made) for other in found.others),
        )


_HANDLERS = {
    "BHT": _Walk.bht,
    "HL": _Walk.hl,
    "PRV": _Walk.prv,
    "SBR": _Walk.sbr,
    "PAT": _Walk.pat,
    "NM1": _Walk.nm1,
    "N3": _Walk.n3,
    "N4": _Walk.n4,
    "DMG": _Walk.dmg,
    "PER": _Walk.per,
    "REF": _Walk.ref,
    "CLM": _Walk.clm,
    "AMT": _Walk.amt,
    "NTE": _Walk.nte,
    "CN1": _Walk.cn1,
    "HI": _Walk.hi,
    "CAS": _Walk.cas,
    "MOA": _Walk.moa,
    "HCP": _Walk.particular,
    "CR1": _Walk.particular,
    "CR2": _Walk.particular,
    "CRC": _Walk.particular,
    "LX": _Walk.lx,
    "SV1": _Walk.sv1,
    "DTP": _Walk.dtp,
    "SVD": _Walk.svd,
}
