"""What the 837P guide refuses, said claim by claim before anything is written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from cleanclaim.claim import Claim, Frequency
from cleanclaim.findings import Finding
from cleanclaim.x12.sets.claim_837p.check_lines import LineChecks
from cleanclaim.x12.sets.claim_837p.check_other_payers import OtherPayerChecks
from cleanclaim.x12.sets.claim_837p.check_particulars import ParticularChecks
from cleanclaim.x12.sets.claim_837p.check_parties import PartyChecks
from cleanclaim.x12.sets.claim_837p.check_shapes import FAMILY, PLACE, RELATIONSHIPS, SEQUENCES, Shapes
from cleanclaim.x12.sets.records import Receiver, Submitter
from cleanclaim.x12.sets.writing import Refusals, is_plain, sent_text

_CLAIM_NUMBER = re.compile(r"[A-Z0-9]{1,17}\Z")
_SECONDARY_REASONS = frozenset(["12", "13", "14", "15", "16", "41", "42", "43", "47"])


def check_claim(claim: Claim) -> list[Finding]:
    """Say what keeps one claim out of an 837P; an empty list means it can be written.

    These are the guide's refusals only: shape, presence, sums. Whether the claim is wise to send is
    for the edits. Every finding stops; its `subject_id` and message name the claim, never the
    patient.
    """
    out = Refusals(FAMILY, claim.claim_number[:50], "Claim")
    for checks in (HeaderChecks, PartyChecks, LineChecks, OtherPayerChecks, ParticularChecks):
        checks(claim, out).check()
    return out.findings


def check_batch(
    claims: Sequence[Claim], submitter: Submitter, receiver: Receiver, batch_reference: str
) -> list[Finding]:
    """Say what keeps the whole transaction back: its parties, its reference, doubled claim numbers."""
    out = Refusals(FAMILY, "", "File")
    if not claims:
        out.add("empty", "holds no claim", "Choose at least one claim.")
    if not is_plain(batch_reference, 50):
        out.add(
            "batch_reference", "has no usable batch reference", "Give 1 to 50 plain characters.", "", "BHT03"
        )
    for loop, party, word in (("1000A", submitter, "submitter"), ("1000B", receiver, "receiver")):
        if not 1 <= len(sent_text(party.name)) <= 60:
            out.add(
                "party_name",
                f"has no {word} name of at most 60 characters",
                f"Enter the {word}'s name.",
                loop,
                "NM103",
            )
        if not is_plain(party.id, 80, 2):
            out.add(
                "party_id",
                f"has no usable {word} id",
                "Enter the id the trading partner gave.",
                loop,
                "NM109",
            )
    digits = "".join(ch for ch in submitter.contact_phone if ch.isdecimal())
    if not digits and not submitter.contact_email:
        out.add(
            "contact",
            "names no way to reach the submitter",
            "Enter the submitter's phone or e-mail.",
            "1000A",
            "PER04",
        )
    if submitter.contact_email and not is_plain(submitter.contact_email, 256):
        out.add(
            "contact", "has an unusable submitter e-mail", "Correct the e-mail address.", "1000A", "PER04"
        )
    for number, count in Counter(claim.claim_number for claim in claims).items():
        if count > 1:
            one = Refusals(FAMILY, number, "Claim")
            one.add(
                "claim_number_twice",
                f"stands {count} times in one file",
                "Send each claim once.",
                "2300",
                "CLM01",
                count=count,
            )
            out.findings += one.findings
    return out.findings


class HeaderChecks(Shapes):
    """CLM and what stands beside it."""

    def check(self) -> None:
        claim, refuse = self.claim, self.refuse
        if not _CLAIM_NUMBER.match(claim.claim_number):
            refuse(
                "claim_number",
                "has no claim number of 1 to 17 capitals and digits",
                "Payers return at most 20 characters; ours have at most 17.",
                "2300",
                "CLM01",
            )
        self.code(
            claim.place_of_service,
            PLACE,
            "place_of_service",
            "a two-digit place of service",
            "2300",
            "CLM05",
        )
        self.amount(claim.total_charge_cents, "total charge", "2300", "CLM02")
        self.amount(claim.patient_paid_cents, "patient payment", "2300", "AMT02")
        self.choice(claim.sequence, SEQUENCES, "sequence", "place in the order of benefits", "2000B", "SBR01")
        self.choice(
            claim.relationship,
            RELATIONSHIPS,
            "relationship",
            "relationship to the subscriber",
            "2000C",
            "PAT01",
        )
        self.choice(claim.provider_signature, "YN", "signature", "provider signature flag", "2300", "CLM06")
        self.choice(claim.accept_assignment, "ABC", "assignment", "assignment flag", "2300", "CLM07")
        self.choice(claim.benefits_assigned, "YNW", "benefits", "benefits assignment flag", "2300", "CLM08")
        self.choice(
            claim.release_of_information, "YI", "release", "release of information flag", "2300", "CLM09"
        )
        if claim.frequency is not Frequency.ORIGINAL and not claim.payer_control_number:
            refuse(
                "payer_control_number",
                "replaces or voids a claim without the payer's number of that claim",
                "Take CLP07 of the payer's latest remittance for it.",
                "2300",
                "REF02",
                frequency=claim.frequency.value,
            )
        for value, what in (
            (claim.payer_control_number, "payer control number"),
            (claim.authorization_number, "authorization number"),
            (claim.referral_number, "referral number"),
        ):
            if value and not is_plain(value.strip(), 50):
                refuse(
                    "characters",
                    f"has characters in its {what} that cannot be sent",
                    "Use at most 50 plain characters without * : ^ ~.",
                    "2300",
                    "REF02",
                )
        self.note(claim.note, "2300")
        self.secondary_reason()

    def secondary_reason(self) -> None:
        claim = self.claim
        to_medicare = claim.payer.claim_filing_code in ("MA", "MB")
        if claim.insurance_type and claim.insurance_type not in _SECONDARY_REASONS:
            self.refuse(
                "secondary_reason",
                "has an unknown reason why Medicare is not first",
                "Use 12, 13, 14, 15, 16, 41, 42, 43 or 47.",
                "2000B",
                "SBR05",
            )
        elif to_medicare and claim.sequence != "P" and not claim.insurance_type:
            self.refuse(
                "secondary_reason",
                "bills Medicare after another payer without the reason",
                "Enter why Medicare is not first, such as 12 for a working person of 65 or more.",
                "2000B",
                "SBR05",
            )
        elif claim.insurance_type and (not to_medicare or claim.sequence == "P"):
            self.refuse(
                "secondary_reason",
                "gives a Medicare-secondary reason although Medicare is not billed second",
                "Empty the reason, or correct payer and order.",
                "2000B",
                "SBR05",
            )
