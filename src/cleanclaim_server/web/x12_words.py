"""What the segments of our files say, in our own words: for people who read raw X12 and are no programmers.

`WORDS` holds, for each segment, a short name and names of the elements that matter. What stands in no table
is shown by its place alone, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cleanclaim.codesets.remittance_codes import carc, rarc
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.structure import Segment

WORDS: Mapping[str, tuple[str, Mapping[int, str]]] = {
    "ISA": (
        "Outer envelope",
        {6: "Sender", 8: "Receiver", 9: "Day", 13: "Control number", 15: "P is real, T is a test"},
    ),
    "IEA": ("End of the envelope", {1: "Groups inside", 2: "Control number"}),
    "GS": (
        "Group of one kind of file",
        {1: "Kind", 2: "Sender", 3: "Receiver", 4: "Day", 6: "Control number", 8: "Guide"},
    ),
    "GE": ("End of the group", {1: "Transactions inside", 2: "Control number"}),
    "ST": ("Start of a transaction", {1: "Kind of file", 2: "Control number", 3: "Guide"}),
    "SE": ("End of a transaction", {1: "Segments inside", 2: "Control number"}),
    "BHT": (
        "What this transaction is for",
        {2: "Purpose", 3: "Our reference", 4: "Day", 5: "Time", 6: "Use"},
    ),
    "BPR": ("The payment", {1: "Handling", 2: "Paid", 3: "Credit or debit", 4: "How", 16: "Pays on"}),
    "TRN": ("Trace number", {2: "Check or transfer number", 3: "Payer's number"}),
    "DTM": ("A day", {1: "Which day", 2: "Day"}),
    "DTP": ("A day", {1: "Which day", 3: "Day or days"}),
    "N1": ("A party", {1: "Role", 2: "Name", 4: "Number"}),
    "N3": ("Street", {1: "Line 1", 2: "Line 2"}),
    "N4": ("City", {1: "City", 2: "State", 3: "Postal code"}),
    "NM1": (
        "A person or organization",
        {1: "Role", 3: "Last name or organization", 4: "First name", 8: "Kind of number", 9: "Number"},
    ),
    "PER": ("Whom to ask", {2: "Name", 4: "Phone or address"}),
    "REF": ("A reference", {1: "Kind", 2: "Number"}),
    "LX": ("A counter", {1: "Number"}),
    "TS3": ("Totals of a provider", {1: "Provider", 4: "Claims", 5: "Charge"}),
    "CLP": (
        "One claim, answered",
        {
            1: "Our claim number",
            2: "Status",
            3: "Charge",
            4: "Paid",
            5: "Patient's share",
            6: "Kind of plan",
            7: "Payer's control number",
            8: "Place",
            9: "Original, corrected or void",
        },
    ),
    "CAS": (
        "Why paid differs from charge",
        {
            1: "Who bears it",
            2: "Reason",
            3: "Amount",
            5: "Reason",
            6: "Amount",
            8: "Reason",
            9: "Amount",
            11: "Reason",
            12: "Amount",
            14: "Reason",
            15: "Amount",
            17: "Reason",
            18: "Amount",
        },
    ),
    "MOA": ("Remarks on the claim", {3: "Remark", 4: "Remark", 5: "Remark", 6: "Remark", 7: "Remark"}),
    "MIA": (
        "Remarks on an inpatient claim",
        {5: "Remark", 20: "Remark", 21: "Remark", 22: "Remark", 23: "Remark"},
    ),
    "AMT": ("A further amount", {1: "Which", 2: "Amount"}),
    "QTY": ("A quantity", {1: "Which", 2: "Quantity"}),
    "SVC": (
        "One service line, answered",
        {1: "Code", 2: "Charge", 3: "Paid", 5: "Units paid", 6: "Code as we sent it", 7: "Units billed"},
    ),
    "LQ": ("Remark code", {1: "List", 2: "Remark"}),
    "PLB": (
        "Money moved outside any claim",
        {1: "Provider", 2: "Year ends", 3: "Reason", 4: "Amount", 5: "Reason", 6: "Amount"},
    ),
    "TA1": ("Answer to an envelope", {1: "Control number", 2: "Day", 4: "Taken or not", 5: "Why not"}),
    "AK1": ("Answer to a group", {1: "Kind", 2: "Control number"}),
    "AK2": ("Answer to one transaction", {1: "Kind", 2: "Control number"}),
    "IK3": ("A segment with an error", {1: "Segment", 2: "Place", 3: "Loop", 4: "Error"}),
    "IK4": ("An element with an error", {1: "Element", 3: "Error", 4: "What stood there"}),
    "IK5": ("The transaction, taken or not", {1: "Result", 2: "Why not"}),
    "AK9": ("The group, taken or not", {1: "Result", 2: "Sent", 3: "Received", 4: "Accepted"}),
    "STC": (
        "Status of the claim",
        {1: "What and why", 2: "Day", 4: "Amount", 10: "What and why", 12: "In words"},
    ),
    "HL": ("A level", {1: "Number", 2: "Under", 3: "Level", 4: "More below"}),
    "SBR": (
        "Who is insured",
        {1: "First, second or third payer", 2: "Patient is", 3: "Group", 9: "Kind of plan"},
    ),
    "PAT": ("The patient", {1: "Patient is"}),
    "DMG": ("Birth date and sex", {2: "Born", 3: "Sex"}),
    "CLM": ("One claim", {1: "Our claim number", 2: "Charge", 5: "Place and version"}),
    "HI": ("Diagnoses", {1: "First", 2: "Second", 3: "Third", 4: "Fourth"}),
    "SV1": ("A service line", {1: "Code", 2: "Charge", 3: "Unit", 4: "Units", 7: "Diagnoses it points to"}),
    "PRV": ("Specialty", {1: "Role", 3: "Taxonomy"}),
    "NTE": ("A note", {1: "Kind", 2: "Text"}),
    "OI": ("Other insurance", {3: "May benefits be paid to us", 6: "May data be released"}),
    "SVD": ("What an earlier payer paid", {1: "Payer", 2: "Paid", 3: "Code", 5: "Units"}),
}
GROUPS = {"CO": "contract", "PR": "patient", "OA": "other", "PI": "payer's initiative", "CR": "correction"}
STATUSES = {
    "1": "processed as primary",
    "2": "processed as secondary",
    "3": "processed as tertiary",
    "4": "denied",
    "19": "processed as primary, sent on",
    "20": "processed as secondary, sent on",
    "21": "processed as tertiary, sent on",
    "22": "reversal of an earlier payment",
    "23": "not their claim, sent on",
    "25": "estimate, no payment",
}


def segments_of(data: bytes, transaction: str = "") -> list[dict[str, Any]]:
    """Segments of a file, or of the transaction with this control number: [{n, text, word}], from ST = 1.

    Bytes that are no X12 give none.
    """
    found: list[dict[str, Any]] = []
    for one in read_x12(data).transactions():
        if transaction and one.control_number != transaction:
            continue
        found += [segment_view(segment) for segment in one.segments]
        one.forget()
    return found


def segment_view(segment: Segment) -> dict[str, Any]:
    """One segment as the raw view shows it: number, text as sent, short name."""
    mark = segment.delimiters
    text = mark.element.join(segment.elements) + mark.segment
    return {"n": segment.position, "text": text.strip(), "word": WORDS.get(segment.id, ("", {}))[0]}


def explain(text: str) -> dict[str, Any] | None:
    """Say what one segment holds: {title, note, elements: [{name, text}]}; None for an empty text.

    Args:
        text: The segment as sent, with `*` or any other element separator after its id.
    """
    bare = text.strip().rstrip("~").strip()
    tag = next(
        (
            bare[:length]
            for length in (3, 2)
            if bare[:length] in WORDS and not bare[length : length + 1].isalnum()
        ),
        "",
    )
    if not tag:
        return (
            {
                "title": bare[:3],
                "note": "We have no words for this segment; it is shown as sent.",
                "elements": [],
            }
            if bare
            else None
        )
    separator = bare[len(tag) : len(tag) + 1] or "*"
    values = bare.split(separator)
    name, words = WORDS[tag]
    elements = [
        {"name": f"{tag}{place:02d}", "text": f"{words[place]}: {_said(tag, place, values)}"}
        for place in sorted(words)
        if place < len(values) and values[place]
    ]
    return {"title": f"{tag}: {name}", "note": "", "elements": elements}


def _said(tag: str, place: int, values: Sequence[str]) -> str:
    value = values[place]
    try:
        if tag == "CAS" and place == 1:
            return f"{value}, {GROUPS[value]}" if value in GROUPS else value
        if tag == "CAS" and place % 3 == 2:
            return f"{value}, {carc(value).meaning}"
        if tag == "CLP" and place == 2:
            return f"{value}, {STATUSES[value]}" if value in STATUSES else value
        if (tag, place) == ("LQ", 2) or tag in ("MOA", "MIA"):
            return f"{value}, {rarc(value).meaning}"
    except LookupError:
        pass
    return value
