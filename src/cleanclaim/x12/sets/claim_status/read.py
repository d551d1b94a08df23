"""Read a 277CA or a 277 into a `StatusReport`.

Both are one tree: source, receiver, provider, patient, and under a patient claims and service lines.
Senders place traces and statuses on levels where the guide has none; they are read where they stand.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cleanclaim.findings import Finding, Severity
from cleanclaim.x12.sets.reading import Faults, body
from cleanclaim.x12.sets.records import ClaimStatus, RemitParty, StatusInfo, StatusReport

if TYPE_CHECKING:
    from cleanclaim.x12.structure import Segment, Transaction

_LEVELS = {"20": "source", "21": "receiver", "19": "provider", "22": "claim", "23": "claim", "PT": "claim"}
_REJECTED = "U"


def read_277ca(transaction: Transaction) -> tuple[StatusReport, list[Finding]]:
    """Read a claim acknowledgment. Never raises on input.

    One `ClaimStatus` per batch, provider, claim and line, in file order. Several STC segments of one
    claim are one status with all their codes; one rejection among them makes its action U.
    """
    return _read(transaction, "x12.277ca")


def read_277(transaction: Transaction) -> tuple[StatusReport, list[Finding]]:
    """Read the answer to a status inquiry. Never raises on input.

    `trace_number` is the number of our inquiry; `claim_number` is REF*EJ, empty when the payer does
    not repeat it.
    """
    return _read(transaction, "x12.277")


def _read(transaction: Transaction, family: str) -> tuple[StatusReport, list[Finding]]:
    walk = _Walk(transaction, family)
    for segment in body(transaction):
        handler = _HANDLERS.get(segment.id)
        if handler is not None:
            handler(walk, segment)
    return walk.finish(), walk.faults.findings


@dataclass(slots=True)
class _Open:
    """A status whose segments are still coming. Without STC it becomes no status."""

    fields: dict[str, Any]
    statuses: list[StatusInfo] = field(default_factory=list)


class _Walk:
    def __init__(self, transaction: Transaction, family: str) -> None:
        self.answers_file = family == "x12.277ca"
        self.faults = Faults(transaction, family)
        self.report: dict[str, Any] = {
            "guide": transaction.guide,
            "control_number": transaction.control_number,
        }
        self.level = ""
        self.provider = RemitParty()
        self.patient = RemitParty()
        self.member_id = ""
        self.trace = ""
        self.open: _Open | None = None
        self.claim_fields: dict[str, Any] = {}
        self.statuses: list[ClaimStatus] = []

    def bht(self, segment: Segment) -> None:
        self.report |= {"reference": segment.get(3), "created_on": self.faults.day(segment, 4)}
        clock = segment.get(5)[:4]
        if clock.isascii() and clock.isdecimal() and len(clock) == 4 and clock < "2400" and clock[2:] < "60":
            self.report["created_clock"] = clock

    def hl(self, segment: Segment) -> None:
        self.close()
        self.level = _LEVELS.get(segment.get(3), "")
        self.trace = ""
        if self.level == "provider":
            self.provider = RemitParty()
        if segment.get(3) in ("22", "PT"):
            self.patient, self.member_id = RemitParty(), ""
        loops = {"source": "2100A", "receiver": "2100B", "provider": "2100C", "claim": "2100D"}
        self.faults.loop = loops.get(self.level, "")

    def nm1(self, segment: Segment) -> None:
        party = RemitParty(
            segment.get(3), segment.get(4), segment.get(8), segment.get(9), middle_name=segment.get(5),
            suffix=segment.get(7),
        )  # fmt: skip
        if self.level == "source":
            self.report |= {
                "source_name": party.name,
                "source_id": party.id,
                "source_id_qualifier": party.id_qualifier,
                "source_kind": segment.get(1),
            }
        elif self.level == "receiver":
            self.report |= {"receiver_name": party.name, "receiver_id": party.id}
        elif self.level == "provider":
            self.provider = party
        elif self.level == "claim":
            self.patient = party
            self.member_id = party.id or self.member_id

    def trn(self, segment: Segment) -> None:
        self.close()
        self.trace = segment.get(2)
        if self.answers_file and self.level in ("source", "receiver"):
            self.report["source_trace" if self.level == "source" else "batch_reference"] = self.trace
        claim_number = self.trace if self.answers_file and self.level == "claim" else ""
        self.begin(segment, {"level": self.level or "claim", "claim_number": claim_number})

    def begin(self, segment: Segment, fields: dict[str, Any]) -> None:
        self.faults.about(fields.get("claim_number", ""))
        named = {"position": segment.position, "trace_number": self.trace} | fields
        if self.level in ("claim", "provider"):
            named["provider"] = self.provider
        if self.level == "claim":
            named |= {"patient": self.patient, "member_id": self.member_id}
        self.open = _Open(named)

    def stc(self, segment: Segment) -> None:
        if self.open is None:
            self.begin(segment, {"level": self.level or "claim"})
        assert self.open is not None
        fields = self.open.fields
        for at in (1, 10, 11):
            if segment.get(at):
                category, status, entity = (segment.get(at, part) for part in (1, 2, 3))
                self.open.statuses.append(StatusInfo(category, status, entity))
        new: dict[str, Any] = {
            "effective_on": self.faults.day(segment, 2),
            "charge_cents": self.faults.amount(segment, 4, required=False),
            "paid_cents": None if self.answers_file else self.faults.amount(segment, 5, required=False),
            "paid_on": None
            if self.answers_file
            else self.faults.day(segment, 8) or self.faults.day(segment, 6),
            "check_number": "" if self.answers_file else segment.get(9),
        }
        for name, value in new.items():
            if value not in (None, "") and fields.get(name) in (None, ""):
                fields[name] = value
        if segment.get(3) == _REJECTED or not fields.get("action"):
            fields["action"] = segment.get(3)
        if segment.get(12):
            fields["message"] = f"{fields.get('message', '')} {segment.get(12)}".strip()

    def svc(self, segment: Segment) -> None:
        self.close()
        service = segment.composite(1)
        self.begin(
            segment,
            {
                "level": "line",
                "claim_number": self.claim_fields.get("claim_number", ""),
                "qualifier": service[0],
                "code": segment.get(1, 2),
                "modifiers": tuple(filter(None, service[2:6])),
                "charge_cents": self.faults.amount(segment, 2, required=False),
                "paid_cents": None if self.answers_file else self.faults.amount(segment, 3, required=False),
            },
        )

    def ref(self, segment: Segment) -> None:
        names = {"1K": "payer_control_number", "D9": "clearinghouse_number", "BLT": "bill_type"}
        names |= {"FJ": "line_control", "6R": "line_control"}
        if not self.answers_file:
            names["EJ"] = "claim_number"
        name = names.get(segment.get(1))
        if self.open is not None and name is not None:
            self.open.fields[name] = segment.get(2).strip()

    def dtp(self, segment: Segment) -> None:
        qualifier = segment.get(1)
        if qualifier == "472" and self.open is not None:
            start, end = self.faults.period(segment, 3)
            self.open.fields |= {"service_from": start, "service_to": end if end != start else None}
        elif self.level == "source" and qualifier in ("050", "009"):
            self.report["received_on" if qualifier == "050" else "processed_on"] = self.faults.day(segment, 3)

    def qty(self, segment: Segment) -> None:
        names = {"receiver": ("90", "AA"), "provider": ("QA", "QC")}.get(self.level, ())
        self.total(segment, dict(zip(names, ("accepted_count", "rejected_count"), strict=False)), count=True)

    def amt(self, segment: Segment) -> None:
        self.total(segment, {"YU": "accepted_cents", "YY": "rejected_cents"}, count=False)

    def total(self, segment: Segment, names: dict[str, str], *, count: bool) -> None:
        """What a level counts of the claims beneath it: the batch in the report, a provider in its status."""
        name = names.get(segment.get(1))
        if name is None:
            return
        value = self.faults.count(segment, 2) if count else self.faults.amount(segment, 2)
        if self.level == "receiver":
            self.report[name] = value
        elif self.level == "provider" and self.open is not None:
            self.open.fields[name] = value

    def close(self) -> None:
        done, self.open = self.open, None
        if done is None:
            return
        if done.fields["level"] == "claim":
            self.claim_fields = done.fields
        if done.statuses:
            self.statuses.append(ClaimStatus(statuses=tuple(done.statuses), **done.fields))

    def finish(self) -> StatusReport:
        self.close()
        if not self.statuses:
            self.faults.add("no_status", Severity.TELL, "The answer holds no status.",
                            remedy="Ask the sender what became of the claims.")  # fmt: skip
        return StatusReport(**self.report, statuses=tuple(self.statuses))


_HANDLERS = {
    "BHT": _Walk.bht, "HL": _Walk.hl, "NM1": _Walk.nm1, "TRN": _Walk.trn, "STC": _Walk.stc, "SVC": _Walk.svc,
    "REF": _Walk.ref, "DTP": _Walk.dtp, "QTY": _Walk.qty, "AMT": _Walk.amt,
}  # fmt: skip
