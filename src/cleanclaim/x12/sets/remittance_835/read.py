"""Read an 835 transaction into a `Remittance`.

Everything that can move money is kept as sent, with the segment it stood in: each CAS triple, each
PLB pair, amounts, remarks, references. Provider summaries (TS2, TS3) only lend their provider
number. Whether the sums agree is for `cleanclaim.remittance`; reading never corrects.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.layouts.particulars import inpatient, outpatient
from cleanclaim.x12.sets.reading import Faults, body, cas_triples
from cleanclaim.x12.sets.records import ProviderAdjustment, RemitClaim, RemitLine, RemitParty, Remittance
from cleanclaim.x12.sets.remittance_835.read_parts import Loop, Party

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Segment, Transaction

_PARTY_FIELDS = {
    "QC": "patient",
    "IL": "subscriber",
    "74": "corrected_patient",
    "82": "rendering",
    "TT": "crossover_to",
    "PR": "priority_payer",
    "GB": "other_subscriber",
}

_LINE_DATES = {"472": ("service_from", "service_to"), "150": ("service_from",), "151": ("service_to",)}
_CLAIM_DATES = {
    "232": ("service_from",),
    "233": ("service_to",),
    "050": ("received_on",),
    "036": ("coverage_ended_on",),
}


def read_835(transaction: Transaction) -> tuple[Remittance, list[Finding]]:
    """Read one 835 transaction.

    Never raises on input. An amount that cannot be read is a finding of severity stop and stands as
    0 (a required one) or None; such a remittance must not be posted. `Remittance.offset` and every
    `position` lead back to the file.
    """
    walk = _Walk(transaction)
    for segment in body(transaction):
        walk.take(segment)
    return walk.finish(), walk.faults.findings


class _Walk:
    def __init__(self, transaction: Transaction) -> None:
        self.transaction = transaction
        self.faults = Faults(transaction, "x12.835")
        self.header: dict[str, Any] = {}
        self.parties = {"PR": Party(), "PE": Party()}
        self.party: Party | None = None
        self.claims: list[RemitClaim] = []
        self.claim: Loop | None = None
        self.lines: list[RemitLine] = []
        self.line: Loop | None = None
        self.provider_adjustments: list[ProviderAdjustment] = []
        self.provider_number = ""
        self.position = 0

    def take(self, segment: Segment) -> None:
        handler = _HANDLERS.get(segment.id)
        if handler is not None:
            handler(self, segment)
        self.position = segment.position

    # Header and parties.

    def bpr(self, segment: Segment) -> None:
        if "method" in self.header:
            return
        amount = self.faults.amount(segment, 2) or 0
        sign = segment.get(3)
        if sign not in ("C", "D"):
            self.faults.add(
                "payment_sign",
                Severity.STOP,
                "BPR03 is neither C nor D; the payment was read as a credit.",
                segment,
                3,
                "Ask the payer which way the money goes.",
            )
        self.header |= {
            "paid_cents": -amount if sign == "D" else amount,
            "handling": segment.get(1),
            "method": segment.get(4),
            "paid_on": self.faults.day(segment, 16),
        }

    def trn(self, segment: Segment) -> None:
        if "trace_number" not in self.header:
            self.header |= {
                "trace_number": segment.get(2),
                "trace_payer_id": segment.get(3),
                "trace_supplement": segment.get(4),
            }

    def cur(self, segment: Segment) -> None:
        self.header["currency"] = segment.get(2)

    def n1(self, segment: Segment) -> None:
        if self.claim is not None:
            return
        self.faults.loop = {"PR": "1000A", "PE": "1000B"}.get(segment.get(1), "")
        self.party = Party({"name": segment.get(2), "id_qualifier": segment.get(3), "id": segment.get(4)})
        self.parties[segment.get(1)] = self.party

    def n3(self, segment: Segment) -> None:
        if self.party is not None:
            self.party.address = (segment.get(1), segment.get(2), *self.party.address[2:])

    def n4(self, segment: Segment) -> None:
        if self.party is not None:
            self.party.address = (*self.party.address[:2], segment.get(1), segment.get(2), segment.get(3))

    def per(self, segment: Segment) -> None:
        if self.party is None or segment.get(1) != "BL" or "contact_phone" in self.party.fields:
            return
        phones = [segment.get(at + 1) for at in (3, 5, 7) if segment.get(at) == "TE"]
        self.party.fields |= {"contact_name": segment.get(2), "contact_phone": phones[0] if phones else ""}

    # Claims.

    def lx(self, segment: Segment) -> None:
        self.close_claim()
        self.party = None
        self.provider_number = ""
        self.faults.loop = "2000"

    def ts3(self, segment: Segment) -> None:
        self.provider_number = segment.get(1)

    def clp(self, segment: Segment) -> None:
        self.close_claim()
        self.party = None
        self.faults.loop = "2100"
        self.faults.about(segment.get(1))
        amount = self.faults.amount
        self.claim = Loop(
            {
                "claim_number": segment.get(1).strip(),
                "status": segment.get(2),
                "charge_cents": amount(segment, 3) or 0,
                "paid_cents": amount(segment, 4) or 0,
                "patient_cents": amount(segment, 5, required=False),
                "filing_code": segment.get(6),
                "payer_control_number": segment.get(7).strip(),
                "facility_code": segment.get(8),
                "frequency": segment.get(9),
                "provider_number": self.provider_number,
                "position": segment.position,
            }
        )

    def nm1(self, segment: Segment) -> None:
        name = _PARTY_FIELDS.get(segment.get(1))
        if self.claim is None or self.line is not None or name is None:
            return
        self.claim.fields[name] = RemitParty(
            name=segment.get(3),
            first_name=segment.get(4),
            id_qualifier=segment.get(8),
            id=segment.get(9),
            middle_name=segment.get(5),
            suffix=segment.get(7),
        )

    def moa(self, segment: Segment) -> None:
        if self.claim is not None:
            self.claim.fields["outpatient"], remarks = outpatient(segment, self.faults)
            self.claim.remarks += remarks

    def mia(self, segment: Segment) -> None:
        if self.claim is not None:
            self.claim.fields["inpatient"], remarks = inpatient(segment, self.faults)
            self.claim.remarks += remarks

    # Claims and lines.

    def cas(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is None:
            self.stray(segment)
            return
        holder.adjustments += cas_triples(segment, self.faults)

    def stray(self, segment: Segment) -> None:
        self.faults.add(
            "stray_segment",
            Severity.STOP,
            f"{segment.id} stands outside a claim.",
            segment,
            0,
            "Ask the payer for a corrected file; this amount belongs to nothing.",
        )

    def dtm(self, segment: Segment) -> None:
        qualifier, day = segment.get(1), self.faults.day(segment, 2)
        if self.line is not None:
            self.line.fields |= dict.fromkeys(_LINE_DATES.get(qualifier, ()), day)
        elif self.claim is not None:
            self.claim.fields |= dict.fromkeys(_CLAIM_DATES.get(qualifier, ()), day)
        elif qualifier == "405":
            self.header["production_date"] = day

    def ref(self, segment: Segment) -> None:
        qualifier, value = segment.get(1), segment.get(2)
        if self.line is not None:
            if qualifier == "6R" and "line_control" not in self.line.fields:
                self.line.fields["line_control"] = value.strip()
            else:
                self.line.references.append((qualifier, value))
        elif self.claim is not None:
            self.claim.references.append((qualifier, value))
        elif self.party is not None:
            self.party.references.append((qualifier, value))
        elif qualifier == "EV":
            self.header["receiver_id"] = value

    def amt(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is None:
            return
        amount = self.faults.amount(segment, 2)
        if amount is None:
            return
        if self.line is not None and segment.get(1) == "B6" and "allowed_cents" not in self.line.fields:
            self.line.fields["allowed_cents"] = amount
        else:
            holder.amounts.append((segment.get(1), amount))

    def qty(self, segment: Segment) -> None:
        holder = self.line or self.claim
        if holder is not None:
            holder.quantities.append((segment.get(1), segment.get(2)))

    def svc(self, segment: Segment) -> None:
        if self.claim is None:
            self.stray(segment)
            return
        self.close_line()
        self.faults.loop = "2110"
        adjudicated, submitted = segment.composite(1), segment.composite(6)
        self.line = Loop(
            {
                "code": segment.get(1, 2),
                "qualifier": adjudicated[0],
                "modifiers": tuple(filter(None, adjudicated[2:6])),
                "charge_cents": self.faults.amount(segment, 2) or 0,
                "paid_cents": self.faults.amount(segment, 3) or 0,
                "revenue_code": segment.get(4),
                "units_paid": segment.get(5),
                "submitted_qualifier": submitted[0],
                "submitted_code": segment.get(6, 2),
                "submitted_modifiers": tuple(filter(None, submitted[2:6])),
                "units_billed": segment.get(7),
                "position": segment.position,
            }
        )

    def lq(self, segment: Segment) -> None:
        if self.line is not None and segment.get(1) in ("HE", "RX") and segment.get(2):
            self.line.remarks.append(segment.get(2))

    # Footer.

    def plb(self, segment: Segment) -> None:
        self.close_claim()
        self.faults.loop = ""
        period = self.faults.day(segment, 2)
        for at in range(3, min(len(segment.elements), 15), 2):
            if not segment.get(at) and not segment.get(at + 1):
                continue
            amount = self.faults.amount(segment, at + 1)
            if amount is not None:
                self.provider_adjustments.append(
                    ProviderAdjustment(
                        segment.get(1),
                        period,
                        segment.get(at, 1),
                        segment.get(at, 2).strip(),
                        amount,
                        segment.position,
                    )
                )

    # Making the records.

    def close_line(self) -> None:
        if self.line is not None:
            self.lines.append(RemitLine(**self.line.fields, **self.line.shared()))
            self.line = None

    def close_claim(self) -> None:
        self.close_line()
        if self.claim is not None:
            self.claims.append(
                RemitClaim(
                    **self.claim.fields,
                    **self.claim.shared(),
                    lines=tuple(self.lines),
                    end_position=self.position,
                )
            )
        self.claim, self.lines = None, []
        self.faults.about("")

    def finish(self) -> Remittance:
        self.close_claim()
        header: dict[str, Any] = {"paid_cents": 0, "method": ""} | self.header
        if "method" not in self.header:
            self.faults.add(
                "payment_missing",
                Severity.STOP,
                "The remittance has no BPR, so no payment is known.",
                remedy="Ask the payer for a corrected file.",
            )
        if not self.header.get("trace_number"):
            self.faults.add(
                "trace_missing",
                Severity.TELL,
                "The remittance has no trace number (TRN02).",
                remedy="Match the deposit by payer, date and amount.",
            )
        transaction = self.transaction
        return Remittance(
            **header,
            payer=self.parties["PR"].record(),
            payee=self.parties["PE"].record(),
            claims=tuple(self.claims),
            provider_adjustments=tuple(self.provider_adjustments),
            control_number=transaction.control_number,
            interchange_control_number=transaction.group.interchange.control_number,
            segment_count=len(transaction.segments),
            offset=transaction.offset,
        )


_HANDLERS = {
    "BPR": _Walk.bpr,
    "TRN": _Walk.trn,
    "CUR": _Walk.cur,
    "N1": _Walk.n1,
    "N3": _Walk.n3,
    "N4": _Walk.n4,
    "PER": _Walk.per,
    "LX": _Walk.lx,
    "TS3": _Walk.ts3,
    "CLP": _Walk.clp,
    "NM1": _Walk.nm1,
    "MOA": _Walk.moa,
    "MIA": _Walk.mia,
    "CAS": _Walk.cas,
    "DTM": _Walk.dtm,
    "REF": _Walk.ref,
    "AMT": _Walk.amt,
    "QTY": _Walk.qty,
    "SVC": _Walk.svc,
    "LQ": _Walk.lq,
    "PLB": _Walk.plb,
}
