"""The closed list of what can happen to a claim, chosen by its member id.

The first two characters of the member id name the scenario, so that a person at the keyboard can
make any answer come by typing a member number. A Medicare number has a fixed shape in which not all
letters may stand; there the scenario's `medicare_mark` is characters two and three. An id that names
none is paid.
"""

from __future__ import annotations

import re
from enum import StrEnum

import msgspec


class Family(StrEnum):
    """What a scenario is an example of."""

    PAID = "paid"
    PATIENT_SHARE = "patient_share"
    DENIED = "denied"
    REJECTED = "rejected"
    LATER = "later"
    """Paid first; something follows in a later payment."""
    ODD = "odd"
    """Answers that a receiver must notice."""


class Scenario(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that can happen to a claim.

    Attributes:
        prefix: First two characters of the member id.
        family: What it is an example of.
        name: A few plain words.
        what: What the simulated payer does.
        expect: What a good receiver does.
        group, reason: CAS01 and CAS02 of a denial; every line is denied with them in full.
        remarks: Remark codes sent with a denial; those that begin with MA stand on the claim.
        status: CLP02 of a denial: payers use 4 loosely and 1 often.
    """

    prefix: str
    family: Family
    name: str
    what: str
    expect: str
    group: str = ""
    reason: str = ""
    remarks: tuple[str, ...] = ()
    status: str = "1"

    @property
    def medicare_mark(self) -> str:
        """The two characters that stand for the prefix inside a Medicare number."""
        return self.prefix.translate(_MEDICARE_LETTERS)


# S, L, O, I, B and Z never stand in a Medicare number.
_MEDICARE_LETTERS = str.maketrans("SLOIBZ", "FEQJGY")
_MEDICARE_NUMBER = re.compile(r"[1-9]([A-Z][A-Z0-9])\d[A-Z][A-Z0-9]\d[A-Z]{2}\d{2}\Z", re.ASCII)


def _paid(prefix: str, name: str, what: str, expect: str) -> Scenario:
    return Scenario(prefix, Family.PAID, name, what, expect)


def _denied(
    prefix: str, name: str, group: str, reason: str, remarks: str = "", *, status: str = "1", expect: str
) -> Scenario:
    coded = ", ".join((f"{group}-{reason}", *remarks.split()))
    what = f"Every line is denied in full with {coded}."
    return Scenario(prefix, Family.DENIED, name, what, expect, group, reason, tuple(remarks.split()), status)


SCENARIOS: tuple[Scenario, ...] = (
    _paid("PD", "Paid", "The allowed amount is paid in full; the rest is CO-45.", "Post, write off, close."),
    Scenario(
        "DD",
        Family.PATIENT_SHARE,
        "Deductible",
        "The whole allowed amount is PR-1; nothing is paid.",
        "Post the zero payment; bill the next payer or the patient.",
    ),
    Scenario(
        "DC",
        Family.PATIENT_SHARE,
        "Deductible, then coinsurance",
        "The first $50 of the claim is PR-1, then 20 % of the rest is PR-2.",
        "Bill the patient share.",
    ),
    Scenario(
        "CP",
        Family.PATIENT_SHARE,
        "Copay",
        "$25 of the claim is PR-3; the rest of the allowed amount is paid.",
        "Compare with the copay taken at the visit; bill what is missing.",
    ),
    Scenario(
        "CN",
        Family.PATIENT_SHARE,
        "Coinsurance",
        "20 % of the allowed amount is PR-2.",
        "Bill the patient share.",
    ),
    Scenario(
        "SQ",
        Family.PATIENT_SHARE,
        "Medicare with sequestration",
        "20 % of the allowed amount is PR-2; 2 % of what remains is CO-253.",
        "Write the 2 % off on its own account; it is not the patient's.",
    ),
    Scenario(
        "PT",
        Family.DENIED,
        "Paid in part",
        "The last line is denied as bundled (CO-97, M15). A claim of one line is paid.",
        "Post the paid lines; work the denied one.",
    ),
    _denied(
        "N1",
        "Coverage ended, provider liable",
        "CO",
        "27",
        "N30",
        status="4",
        expect="Run eligibility for the day; bill the plan found.",
    ),
    _denied(
        "N2",
        "Coverage ended, patient liable",
        "PR",
        "27",
        "N30",
        status="4",
        expect="Look for other coverage before any statement.",
    ),
    _denied(
        "N3",
        "No authorization",
        "CO",
        "197",
        expect="Find the authorization and correct, or ask for a retroactive one.",
    ),
    _denied(
        "N4",
        "Filed too late",
        "CO",
        "29",
        expect="Appeal with proof of timely filing; never bill the patient.",
    ),
    _denied("N5", "Modifier missing", "CO", "4", "N822", expect="Correct the modifier; replace the claim."),
    _denied(
        "N6",
        "Bundled into another service",
        "CO",
        "97",
        "M15",
        expect="Separate modifier if the record supports it.",
    ),
    _denied("N7", "Duplicate", "OA", "18", "N111", expect="Find the first claim; send nothing twice."),
    _denied("N8", "Not medically necessary", "CO", "50", "N115", expect="Clinical appeal."),
    _denied(
        "N9", "Provider not enrolled", "CO", "B7", "N570", expect="Credentialing asks for a retroactive date."
    ),
    _denied(
        "NA",
        "Rendering provider not credentialed",
        "CO",
        "185",
        "N570",
        expect="Credentialing; then replace the claim.",
    ),
    _denied(
        "NC", "Another payer is first", "OA", "22", "MA04", expect="Ask the patient; bill the first payer."
    ),
    _denied(
        "ND",
        "Not a covered service",
        "PR",
        "96",
        "N130",
        expect="Read the benefit; parity review; then the patient.",
    ),
    _denied(
        "NE", "Benefit maximum reached", "PR", "119", "N640", expect="Parity review before any statement."
    ),
    _denied(
        "NF",
        "Unprocessable: rendering provider",
        "CO",
        "16",
        "N290 MA130",
        expect="A new claim, not a replacement and no appeal. The new claim is paid.",
    ),
    _denied("NG", "Records wanted", "CO", "252", "N706", expect="Send the records; this is not an appeal."),
    _denied(
        "NH",
        "Place of service does not fit",
        "CO",
        "5",
        "M77",
        expect="Correct the telehealth place; replace the claim.",
    ),
    _denied(
        "NJ",
        "Not found as a member",
        "CO",
        "31",
        "N382",
        status="4",
        expect="Correct the member number; new claim.",
    ),
    _denied(
        "NM",
        "Diagnosis does not support the service",
        "CO",
        "11",
        "M76",
        expect="Correct if the chart supports it.",
    ),
    _denied(
        "NR", "Beyond the authorization", "CO", "198", "N351", expect="Ask for an extension; bill within it."
    ),
    _denied(
        "NT",
        "Wrong payer, behavioral plan elsewhere",
        "CO",
        "109",
        "N418",
        expect="Bill the behavioral plan as new.",
    ),
    Scenario(
        "CC",
        Family.PAID,
        "Capitated",
        "The whole charge is CO-24; nothing is paid for the claim.",
        "Capitation contract: write off against the monthly payment. None: bill the right plan.",
    ),
    Scenario(
        "WH",
        Family.PAID,
        "Withhold",
        "5 % of the allowed amount is held back as CO-104.",
        "Carry it as a receivable until the year's settlement.",
    ),
    Scenario(
        "UP",
        Family.ODD,
        "Underpaid",
        "Allowed at 85 % of the contract; the remittance looks ordinary.",
        "Compare with the contract; hold the difference as an underpayment.",
    ),
    Scenario(
        "DN",
        Family.ODD,
        "Downcoded",
        "The next lower code is paid (SVC01); SVC06 shows what was sent; N22.",
        "Review the change; appeal with the time documented.",
    ),
    Scenario(
        "ID",
        Family.ODD,
        "Member number corrected",
        "Paid; NM1*74 brings another member number.",
        "Offer the correction of the coverage.",
    ),
    Scenario(
        "RV",
        Family.LATER,
        "Reversal and correction",
        "Paid; weeks later CLP02 22 takes all back (N689) and a new claim number pays 90 %.",
        "Post the exact opposite, then the new payment; the net is the change.",
    ),
    Scenario(
        "TB",
        Family.LATER,
        "Take-back without reversal",
        "Paid; weeks later PLB WO takes the money from other claims, naming the payer's claim number.",
        "Book it as payer debt; reverse the claim from the payer's letter.",
    ),
    Scenario(
        "TW",
        Family.LATER,
        "Reversal, recovered later",
        "Paid; weeks later reversed and denied (PR-27) with WO negative; WO positive collects it later.",
        "Payer debt rises with the reversal and falls with the recovery.",
    ),
    Scenario(
        "IN",
        Family.LATER,
        "Late payment interest",
        "Paid late, with 1 % interest as PLB L6.",
        "Interest is income of its own, never of the claim.",
    ),
    Scenario(
        "XO",
        Family.LATER,
        "Crossed over",
        "CLP02 19 with NM1*TT and MA18 or MA07; about ten days later the other payer's own remittance.",
        "Do not bill the second payer; wait for its answer.",
    ),
    Scenario(
        "SL",
        Family.ODD,
        "Silence",
        "Accepted (277CA A2), then nothing.",
        "Ask for the status when the answer is late.",
    ),
    Scenario(
        "ZB",
        Family.ODD,
        "Out of balance",
        "A payment of its own whose first line's adjustments are $10.00 too high.",
        "Park the payment whole; post nothing.",
    ),
    Scenario(
        "T1",
        Family.REJECTED,
        "Interchange rejected",
        "A file in which every claim has this prefix is rejected by TA1 (024), the first time.",
        "Nothing was read: send the file again with a new control number.",
    ),
    Scenario(
        "R9",
        Family.REJECTED,
        "Transaction rejected",
        "The 999 rejects the whole transaction (IK5 R), the first time that this service is sent.",
        "Correct, and send all claims of the transaction again.",
    ),
    Scenario(
        "RC",
        Family.REJECTED,
        "Rejected by the clearinghouse",
        "277CA A7, status 164: the member number.",
        "Correct the number; send as a new claim.",
    ),
    Scenario(
        "RP",
        Family.REJECTED,
        "Rejected by the payer",
        "277CA A7, status 33: subscriber not found, days later.",
        "Run eligibility; send as a new claim.",
    ),
    Scenario(
        "RT",
        Family.REJECTED,
        "Rejected by the payer, data missing",
        "277CA A6, status 145: the rendering taxonomy.",
        "Complete it; send as a new claim.",
    ),
)

_BY_PREFIX = {scenario.prefix: scenario for scenario in SCENARIOS}
_BY_MEDICARE_MARK = {scenario.medicare_mark: scenario for scenario in SCENARIOS}
PAID = _BY_PREFIX["PD"]


def scenario_of(member_id: str) -> Scenario:
    """The scenario that a member id names; paid when it names none.

    Examples:
        >>> scenario_of("N4100023").name, scenario_of("1FQ4TE5MK73").prefix, scenario_of("W123").prefix
        ('Filed too late', 'SQ', 'PD')
    """
    text = member_id.strip().upper()
    medicare = _MEDICARE_NUMBER.match(text)
    if medicare and medicare[1] in _BY_MEDICARE_MARK:
        return _BY_MEDICARE_MARK[medicare[1]]
    return _BY_PREFIX.get(text[:2], PAID)


def find_scenario(prefix: str) -> Scenario | None:
    """The scenario of a prefix; None when there is none."""
    return _BY_PREFIX.get(prefix.upper())
