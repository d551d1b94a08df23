"""What other payers said: it must be complete, and add up to the charge by line and by claim."""

from __future__ import annotations

import re
from collections import Counter

from cleanclaim.claim import Address, Adjustment, OtherPayer, ServiceLine
from cleanclaim.money import dollars
from cleanclaim.x12.sets.claim_837p.check_shapes import RELATIONSHIPS, SEQUENCES, Shapes
from cleanclaim.x12.sets.writing import TRIPLES_PER_CAS, is_plain

MAX_OTHER_PAYERS = 10
MAX_ANSWERS_PER_LINE = 15
MAX_CAS_SEGMENTS = 5

_REASON = re.compile(r"[A-Z0-9]{1,5}\Z")
_GROUPS = frozenset(("CO", "CR", "OA", "PI", "PR"))


class OtherPayerChecks(Shapes):
    def check(self) -> None:
        claim, refuse = self.claim, self.refuse
        others = claim.other_payers
        if len(others) > MAX_OTHER_PAYERS:
            refuse(
                "other_payer_count",
                f"names more than {MAX_OTHER_PAYERS} other payers",
                "Name fewer.",
                "2320",
                "SBR01",
            )
        ids = [other.payer.payer_id.strip() for other in others]
        if len(set(ids)) != len(ids):
            refuse(
                "other_payer_twice",
                "names one other payer id twice",
                "Line answers find their payer by this id.",
                "2330B",
                "NM109",
            )
        order = [claim.sequence, *(other.sequence for other in others)]
        taken = [place for place in order if place != "U"]
        if len(set(taken)) != len(taken):
            refuse(
                "sequence",
                "gives two payers one place in the order of benefits",
                "Say who pays first.",
                "2320",
                "SBR01",
            )
        for line in claim.lines:
            self.line_answers(line, ids)
        for other in others:
            self.other_payer(other)

    def line_answers(self, line: ServiceLine, payer_ids: list[str]) -> None:
        name, loop = f"line {line.number}", "2430"
        if len(line.other_payers) > MAX_ANSWERS_PER_LINE:
            self.refuse(
                "answer_count",
                f"has more than {MAX_ANSWERS_PER_LINE} payers' answers on {name}",
                "Send fewer.",
                loop,
            )
        dates = {other.payer.payer_id.strip(): other.adjudicated_on for other in self.claim.other_payers}
        for answer in line.other_payers:
            payer_id = answer.payer_id.strip()
            if payer_id not in payer_ids:
                self.refuse(
                    "answer_payer",
                    f"has an answer on {name} of a payer it does not name",
                    "Add that payer to the claim.",
                    loop,
                    "SVD01",
                )
            self.procedure(answer.code, answer.modifiers, f"{name} as answered", loop, "SVD03")
            self.units(answer.units, f"{name} as answered", loop, "SVD05")
            self.amount(answer.paid_cents, f"payment on {name}", loop, "SVD02", signed=True)
            self.adjustments(answer.adjustments, f" on {name}", loop)
            if not (answer.adjudicated_on or dates.get(payer_id)):
                self.refuse(
                    "answer_date",
                    f"has an answer on {name} without its payment date",
                    "Take BPR16 of that payer's remittance.",
                    loop,
                    "DTP03",
                )
            total = answer.paid_cents + sum(one.amount_cents for one in answer.adjustments)
            if (
                len([one for one in line.other_payers if one.payer_id == answer.payer_id]) == 1
                and total != line.charge_cents
            ):
                self.refuse(
                    "answer_sum",
                    f"has an answer on {name} of {dollars(total)} paid and adjusted against a charge of "
                    f"{dollars(line.charge_cents)}",
                    "Copy every adjustment of that payer's remittance for the line.",
                    loop,
                    "SVD02",
                    answered_cents=total,
                    charge_cents=line.charge_cents,
                )

    def other_payer(self, other: OtherPayer) -> None:
        claim = self.claim
        self.payer(other.payer, "2330B")
        self.member_id(other.member_id, "2330A")
        self.person(other.subscriber, "other subscriber", "2330A")
        if other.subscriber.address != Address():
            self.address(other.subscriber.address, "other subscriber", "2330A")
        self.choice(other.sequence, SEQUENCES, "sequence", "place in the order of benefits", "2320", "SBR01")
        self.choice(
            other.relationship,
            RELATIONSHIPS,
            "relationship",
            "relationship to the other subscriber",
            "2320",
            "SBR02",
        )
        for value in (other.group_number, other.payer_control_number):
            if value and not is_plain(value.strip(), 50):
                self.refuse(
                    "characters",
                    "has a number of another payer that cannot be sent",
                    "Use at most 50 plain characters without * : ^ ~.",
                    "2320",
                )
        if len(other.remark_codes) > 5 or not all(map(_REASON.match, other.remark_codes)):
            self.refuse(
                "remarks",
                "has remark codes of another payer that are not at most five codes",
                "Keep the five that matter.",
                "2320",
                "MOA03",
            )
        self.adjustments(other.adjustments, "", "2320")
        if other.paid_cents is None:
            return
        self.amount(other.paid_cents, "payment of another payer", "2320", "AMT02", signed=True)
        answers = [
            answer
            for line in claim.lines
            for answer in line.other_payers
            if answer.payer_id.strip() == other.payer.payer_id.strip()
        ]
        by_line = sum(one.amount_cents for answer in answers for one in answer.adjustments)
        total = other.paid_cents + sum(one.amount_cents for one in other.adjustments) + by_line
        if total != claim.total_charge_cents:
            self.refuse(
                "other_payer_sum",
                f"has another payer's payment and adjustments of {dollars(total)} against a charge of "
                f"{dollars(claim.total_charge_cents)}",
                "Copy every adjustment of that payer's remittance, claim and lines.",
                "2320",
                "AMT02",
                answered_cents=total,
                charge_cents=claim.total_charge_cents,
            )
        if other.adjudicated_on is None and not answers:
            self.refuse(
                "answer_date",
                "has another payer's payment without its date",
                "Take BPR16 of that payer's remittance.",
                "2330B",
                "DTP03",
            )

    def adjustments(self, adjustments: tuple[Adjustment, ...], place: str, loop: str) -> None:
        groups = Counter(one.group for one in adjustments)
        if sum(-(-count // TRIPLES_PER_CAS) for count in groups.values()) > MAX_CAS_SEGMENTS:
            self.refuse(
                "adjustment_count",
                f"has too many adjustments{place}",
                "Five segments of six are the limit.",
                loop,
                "CAS01",
            )
        for one in adjustments:
            if one.group not in _GROUPS or not _REASON.match(one.reason):
                self.refuse(
                    "adjustment",
                    f"has an adjustment{place} without a valid group and reason",
                    "Copy it from the remittance.",
                    loop,
                    "CAS02",
                )
            if one.quantity:
                self.units(one.quantity.lstrip("-"), f"an adjustment{place}", loop, "CAS04")
