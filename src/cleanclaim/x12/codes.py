"""Every finding code of the X12 engine: what it means, how far it reaches, how it is answered.

One table, so that the reader, the validator, the acknowledgments and the documentation
(``docs/errors/x12.md``, held equal by a test) cannot drift apart. Message texts take their blanks
from `facts`; values of data elements never enter a message.
"""

from __future__ import annotations

from typing import Any

import msgspec

from cleanclaim.findings import Finding, Severity, Where

STOP, TELL = Severity.STOP, Severity.TELL


class Kind(msgspec.Struct, frozen=True, omit_defaults=True):
    """One kind of finding: severity, SNIP level, words, and its answer in TA1 or 999."""

    severity: Severity
    snip: int
    message: str
    remedy: str
    ack: dict[str, str] = {}
    """Keys ta1 (TA105), ak9 (AK905), ik5 (IK502), ik3 (IK304), ik4 (IK403)."""


def _kind(severity: Severity, snip: int, message: str, remedy: str, **ack: str) -> Kind:
    return Kind(severity, snip, message, remedy, ack)


KINDS: dict[str, Kind] = {
    # The file as such
    "x12.file.empty": _kind(STOP, 1, "The file is empty.", "Fetch the file again."),
    "x12.file.too_large": _kind(STOP, 1, "The file has {size} bytes; the limit is {limit}.",
        "Give it by its name, split it, or raise the limit."),
    "x12.file.too_many_sets": _kind(STOP, 1,
        "The file has more than {limit} transactions; the rest was not read.",
        "Split the file."),
    "x12.file.not_x12": _kind(STOP, 1, "This is not an X12 file: it looks like {looks_like}.",
        "Give a file that begins with an ISA segment."),
    "x12.file.encoding": _kind(STOP, 1, "The file is encoded as {encoding}; X12 uses one byte a character.",
        "Save it as ASCII or UTF-8 and try again."),
    "x12.file.leading_data": _kind(STOP, 1, "{count} bytes stand before the first ISA; they were skipped.",
        "Remove what stands before ISA."),
    "x12.file.trailing_data": _kind(TELL, 1, "{count} bytes after the last IEA belong to no interchange.",
        "Check that the file was not cut or joined wrongly."),
    "x12.file.byte_order_mark": _kind(TELL, 1, "The file begins with a byte order mark; it was skipped.",
        "Write the file without it."),
    "x12.file.last_terminator": _kind(TELL, 1, "The last segment has no terminator.",
        "End the last segment as all others."),
    "x12.file.too_many_findings": _kind(STOP, 1, "More than {limit} findings; the rest is not listed.",
        "Mend the first ones and check again."),
    # Interchange: answered by TA1
    "x12.isa.incomplete": _kind(STOP, 1, "The ISA segment is cut or damaged; its delimiters cannot be read.",
        "Send the whole file again.", ta1="022"),
    "x12.isa.width": _kind(STOP, 1, "ISA is not 106 characters wide; it was read by its separators.",
        "Pad the ISA elements to their fixed widths.", ta1="022"),
    "x12.isa.delimiters": _kind(STOP, 1, "Two delimiters are the same, or one is a letter, digit or blank.",
        "Choose four different delimiter characters.", ta1="027"),
    "x12.isa.element": _kind(STOP, 1, "{element} holds a value that is not allowed there.",
        "Correct {element} as agreed with the trading partner."),
    "x12.isa.version": _kind(TELL, 1, "ISA12 names version {seen}; 00501 is what current guides use.",
        "Ask the sender for version 00501."),
    "x12.isa.control_number": _kind(STOP, 1, "ISA13 and IEA02 differ.",
        "Send the file again with one control number.", ta1="001"),
    "x12.isa.repetition": _kind(TELL, 1, "ISA11 holds no repetition separator, as version 00501 wants.",
        "Send a separator such as ^ there."),
    "x12.isa.duplicate_control_number": _kind(TELL, 1, "Two interchanges of the file carry the same ISA13.",
        "Give each interchange its own number."),
    "x12.iea.missing": _kind(STOP, 1, "The interchange has no IEA: the file ended early.",
        "Fetch or send the whole file again.", ta1="023"),
    "x12.iea.group_count": _kind(STOP, 1, "IEA01 says {stated} groups; {seen} were found.",
        "Correct the count, or look for what was lost.", ta1="021"),
    "x12.envelope.stray_segment": _kind(STOP, 1, "{count} segments stand outside any transaction.",
        "Remove them, or look for a missing ST or SE.", ta1="022"),
    "x12.envelope.orphan": _kind(STOP, 1, "A {segment} stands where none may stand.",
        "Check the nesting of ISA, GS, ST, SE, GE, IEA.", ta1="022"),
    # Group: answered by AK9
    "x12.gs.missing": _kind(STOP, 1, "A transaction stands outside any group.", "Put it between GS and GE.",
        ta1="024"),
    "x12.gs.element": _kind(STOP, 1, "{element} holds a value that is not allowed there.",
        "Correct {element}."),
    "x12.ge.missing": _kind(STOP, 1, "The group has no GE.", "Send the whole group again.", ak9="3"),
    "x12.ge.control_number": _kind(STOP, 1, "GS06 and GE02 differ.", "Use one control number.", ak9="4"),
    "x12.ge.set_count": _kind(STOP, 1, "GE01 says {stated} transactions; {seen} were found.",
        "Correct the count, or look for what was lost.", ak9="5"),
    "x12.gs.guide_mismatch": _kind(STOP, 1, "GS08 names {group}, ST03 names {set}.",
        "Use the same guide id in both.", ik5="I6"),
    "x12.gs.functional_id": _kind(STOP, 1, "Set {set} does not belong in a group of kind {group}.",
        "Use the functional id of the set in GS01.", ak9="1"),
    "x12.gs.functional_id_of_pair": _kind(TELL, 1,
        "The group of kind {group} is that of the question, and holds answers of set {set}.",
        "Tell the sender; its content was read as the answer it is."),
    # Transaction: answered by IK5
    "x12.se.missing": _kind(STOP, 1, "The transaction has no SE.",
        "Send the whole transaction again.", ik5="2"),
    "x12.se.control_number": _kind(STOP, 1, "ST02 and SE02 differ.", "Use one control number.", ik5="3"),
    "x12.se.segment_count": _kind(STOP, 1, "SE01 says {stated} segments; {seen} were found.",
        "Correct the count, or look for what was lost.", ik5="4"),
    "x12.st.control_number": _kind(STOP, 1, "ST02 is missing or not four to nine letters or digits.",
        "Give each transaction a control number.", ik5="7"),
    "x12.st.duplicate_control_number": _kind(STOP, 1, "Two transactions of the group carry the same ST02.",
        "Number transactions one after another.", ik5="23"),
    "x12.set.unsupported": _kind(TELL, 0,
        "Set {set}, guide {guide}, is not supported: only its envelope was checked.",
        "Nothing to mend; its content was not judged."),
    "x12.set.guide_variant": _kind(TELL, 0, "Guide {seen} was checked as {used}.",
        "Ask the sender for the current guide id."),
    "x12.set.empty": _kind(STOP, 1, "The transaction has no segment between ST and SE.", "Send its content.",
        ik5="5"),
    # Segments: answered by IK3
    "x12.segment.too_long": _kind(STOP, 1, "A segment has {seen} bytes; the limit is {limit}.",
        "Look for a missing segment terminator.", ik3="8"),
    "x12.segment.too_many_elements": _kind(STOP, 1, "A segment has {seen} elements; the limit is {limit}.",
        "Look for a missing segment terminator.", ik3="8", ik4="3"),
    "x12.segment.blank": _kind(TELL, 1, "{count} empty segments were skipped.", "Write no empty segments."),
    "x12.segment.unknown": _kind(STOP, 1, "Segment {segment} is not one that this guide knows.",
        "Remove it, or look for a missing terminator before it.", ik3="1"),
    "x12.segment.unexpected": _kind(STOP, 2, "Segment {segment} may not stand here.",
        "Move it to its loop, or give the segment that begins that loop.", ik3="2"),
    "x12.segment.order": _kind(STOP, 2, "Segment {segment} stands out of order in its loop.",
        "Put the segments of the loop in the order of the guide.", ik3="7"),
    "x12.segment.missing": _kind(STOP, 2, "Required segment {segment} ({label}) is missing in loop {loop}.",
        "Add it.", ik3="3"),
    "x12.segment.too_many": _kind(STOP, 2,
        "Segment {segment} stands {seen} times in this loop; {limit} allowed.",
        "Remove the extra ones.", ik3="5"),
    "x12.segment.empty": _kind(STOP, 1, "Segment {segment} has no element.",
        "Fill it or leave it out.", ik3="8"),
    "x12.segment.trailing_separators": _kind(TELL, 1, "Segment {segment} ends in empty elements.",
        "Leave out separators at the end."),
    "x12.segment.qualifier": _kind(STOP, 2, "{element} names a kind of {segment} that may not stand here.",
        "Use a qualifier that the guide lists here: {expected}.", ik3="8", ik4="7"),
    "x12.loop.missing": _kind(STOP, 2, "Required loop {loop} ({label}) is missing.",
        "Add it, beginning with {segment}.", ik3="I7"),
    "x12.loop.too_many": _kind(STOP, 2, "Loop {loop} stands {seen} times; {limit} allowed.",
        "Move the extra ones to another transaction or claim.", ik3="4"),
    "x12.set.too_large": _kind(STOP, 1,
        "A transaction has {size} bytes; the limit is {limit}. It was not looked at.",
        "Split it into several transactions.", ik5="5"),
    "x12.set.too_many_segments": _kind(STOP, 1, "A transaction has {seen} segments; the limit is {limit}.",
        "Split it, or raise the limit.", ik5="5"),
    "x12.set.too_many_claims": _kind(STOP, 1,
        "A transaction has more than {limit} claims; the rest was not checked.",
        "Split it, or raise the limit.", ik5="5"),
    # Hierarchy
    "x12.hl.number": _kind(STOP, 2, "HL01 is not the number that follows the last one.",
        "Number HL segments 1, 2, 3 within the transaction.", ik3="8", ik4="7"),
    "x12.hl.parent": _kind(STOP, 2, "HL02 names no earlier level that may stand above this one.",
        "Point HL02 to the HL01 of the level above.", ik3="8", ik4="7"),
    "x12.hl.child_code": _kind(STOP, 2, "HL04 says {seen}, but the level has {truth} below it.",
        "Set HL04 to 1 when levels follow below, else 0.", ik3="8", ik4="7"),
    "x12.hl.too_many": _kind(STOP, 2, "A transaction has more than {limit} levels (HL).",
        "Split it.", ik5="5"),
    "x12.line.number": _kind(STOP, 2,
        "LX01 is not the number that follows the last one; {expected} was expected.",
        "Number the lines of each claim 1, 2, 3.", ik3="8", ik4="7"),
    # Elements: answered by IK4
    "x12.element.required": _kind(STOP, 2, "Required {element} is empty.", "Fill it.", ik3="8", ik4="1"),
    "x12.element.not_used": _kind(STOP, 2, "The guide does not use {element} here.", "Leave it empty.",
        ik3="8", ik4="I10"),
    "x12.element.too_many": _kind(STOP, 1, "Segment {segment} has {seen} elements; {limit} exist.",
        "Look for a separator inside data.", ik3="8", ik4="3"),
    "x12.element.too_short": _kind(STOP, 1, "{element} has {seen} characters; at least {limit} are needed.",
        "Give the whole value.", ik3="8", ik4="4"),
    "x12.element.too_long": _kind(STOP, 1, "{element} has {seen} characters; at most {limit} are allowed.",
        "Shorten the value.", ik3="8", ik4="5"),
    "x12.element.character": _kind(STOP, 1,
        "{element} holds a character that its type {type} does not allow.",
        "Remove the character.", ik3="8", ik4="6"),
    "x12.element.code": _kind(STOP, 2, "{element} holds a code that the guide does not list here.",
        "Use one of: {expected}.", ik3="8", ik4="7"),
    "x12.element.date": _kind(STOP, 1, "{element} is not a real date.",
        "Write it as the format qualifier says.",
        ik3="8", ik4="8"),
    "x12.element.time": _kind(STOP, 1, "{element} is not a real time.",
        "Write it as HHMM.", ik3="8", ik4="9"),
    "x12.element.syntax_pair": _kind(STOP, 1, "{elements}: when one is sent, all must be.",
        "Fill or empty them together.", ik3="8", ik4="2"),
    "x12.element.syntax_one_of": _kind(STOP, 1, "One of {elements} must be sent.",
        "Fill one.", ik3="8", ik4="2"),
    "x12.element.syntax_exclusive": _kind(STOP, 1, "Only one of {elements} may be sent.", "Keep one.",
        ik3="8", ik4="10"),
    "x12.element.repeats": _kind(STOP, 1, "{element} repeats {seen} times; {limit} allowed.",
        "Remove the extra ones.", ik3="8", ik4="12"),
    "x12.element.too_many_components": _kind(STOP, 1, "{element} has {seen} components; {limit} exist.",
        "Look for a component separator inside data.", ik3="8", ik4="3"),
    "x12.element.trailing_blanks": _kind(TELL, 1, "{element} has blanks before or after its value.",
        "Send values without padding."),
    # Balancing, SNIP 3
    "x12.balance.claim_charge": _kind(STOP, 3,
        "CLM02 differs from the sum of its service lines by {difference_cents} cents.",
        "Correct the claim total or the lines.", ik3="8", ik4="I12"),
    "x12.balance.line_payment": _kind(STOP, 3,
        "Service line: charge minus adjustments differs from the paid amount by {difference_cents} cents.",
        "Ask the payer for a corrected remittance."),
    "x12.balance.claim_payment": _kind(STOP, 3,
        "Claim: charge minus all adjustments differs from the paid amount by {difference_cents} cents.",
        "Ask the payer for a corrected remittance."),
    "x12.balance.claim_lines_charge": _kind(STOP, 3,
        "CLP03 differs from the sum of its line charges by {difference_cents} cents.",
        "Ask the payer for a corrected remittance."),
    "x12.balance.payment": _kind(STOP, 3,
        "BPR02 differs from claim payments minus provider adjustments by {difference_cents} cents.",
        "Hold the payment and ask the payer."),
    "x12.balance.other_payer_line": _kind(STOP, 3,
        "Other payer's line: charge minus adjustments differs from its payment by {difference_cents} cents.",
        "Send the other payer's adjustments as its remittance has them.", ik3="8", ik4="I12"),
    "x12.balance.other_payer_claim": _kind(STOP, 3,
        "Other payer: charge minus its adjustments differs from its payment by {difference_cents} cents.",
        "Send the other payer's adjustments as its remittance has them.", ik3="8", ik4="I12"),
    # Situations, SNIP 4: the rule that is broken is named in the facts
    "x12.situation.segment": _kind(STOP, 4, "{why}.", "{what}.", ik3="I6"),
    "x12.situation.element": _kind(STOP, 4, "{why}.", "{what}.", ik3="8", ik4="I9"),
    # External code lists, SNIP 5
    "x12.code.unknown": _kind(TELL, 5,
        "{element} holds a code that our list of {list} of {dated} does not know.",
        "Check the code; a newer list may have it."),
    "x12.code.unlisted": _kind(TELL, 5,
        "{element} holds a code that is not in our list of {list} of {dated}, which is a part of the official"
        " list ({extent}).",
        "Check the code in the issuer's list; ours does not hold all."),
    "x12.code.not_in_force": _kind(TELL, 5,
        "{element} holds a code that was not in force on the date of service: it {when} (list of {list} of"
        " {dated}).",
        "Use the code in force on that day."),
    "x12.code.incomplete": _kind(TELL, 5,
        "{element} holds a heading, not a code that can be billed (list of {list} of {dated}).",
        "Give all characters of the code."),
}  # fmt: skip


def make_finding(
    code: str,
    where: Where,
    facts: dict[str, Any] | None = None,
    *,
    subject_id: str = "",
    ack: dict[str, str] | None = None,
    severity: Severity | None = None,
) -> Finding:
    """Build a finding of a known kind; `facts` fill the blanks of its message.

    Args:
        code: A key of `KINDS`.
        where: As exact as is known; `element` and `segment` of it fill blanks too.
        facts: Codes, counts and amounts only.
        ack: Replaces the answer of the kind, where one kind has several (TA105 by element).
        severity: Replaces that of the kind, for profiles that relax or tighten.
    """
    kind = KINDS[code]
    facts = facts or {}
    blanks = {"segment": where.segment, "element": where.element, "loop": where.loop, **facts}
    return Finding(
        code=code,
        severity=severity or kind.severity,
        message=kind.message.format_map(blanks),
        where=where,
        subject_id=subject_id,
        facts=facts,
        remedy=kind.remedy.format_map(blanks),
        snip=kind.snip,
        ack=kind.ack if ack is None else ack,
    )
