"""Answer a file from its findings: a 999 for each group, a TA1 for each interchange.

The findings carry their answers (`Finding.ack`); this module only gathers them under a policy that
says which SNIP levels reject, which are only reported, and which stay silent. A 999 speaks of
structure: balancing (SNIP 3) and business rules are answered by a 277CA or a report.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from cleanclaim.findings import Finding
from cleanclaim.x12.envelope_values import ID_QUALIFIERS
from cleanclaim.x12.packed import PackedAnswers
from cleanclaim.x12.sets.records import GroupAck, InterchangeAck, SegmentError, TransactionAck, Trigger
from cleanclaim.x12.structure import Delimiters, Group, Interchange, Segment, Transaction, X12File
from cleanclaim.x12.validate import TransactionReport
from cleanclaim.x12.writer import Envelope, clean_text

_MOST_CODES = 5
_LOOP_LENGTH = 4
"""IK303 has room for four characters: ``2010AA`` is answered as ``2010``."""

_CONTEXT_LENGTH = 35
_SITUATION_MISSING = "I6"
_HEAD = 8_000
"""So many characters are looked through for the trace of a whole set."""

_SEGMENT_ID = re.compile(r"[A-Z][A-Z0-9]{1,2}\Z")
_UNREADABLE = "XXX"
"""IK301 where the segment sent has no id that an answer could repeat."""


class AckPolicy(msgspec.Struct, frozen=True):
    """Which findings answer how.

    `rejects` are the SNIP levels whose stopping findings reject a transaction (IK501 = R);
    `reports` are those that are named in a 999 yet leave it accepted with errors (E).
    """

    rejects: frozenset[int] = frozenset((1, 2))
    reports: frozenset[int] = frozenset()
    ta1: Literal["always", "asked", "never"] = "asked"
    """`asked`: when ISA14 asks for it, and always when the interchange is rejected."""


DEFAULT_POLICY = AckPolicy()


def acknowledge_groups(
    file: X12File, reports: Iterable[TransactionReport], policy: AckPolicy = DEFAULT_POLICY
) -> list[GroupAck]:
    """Answer every functional group of a file, in file order.

    Groups of acknowledgments (GS01 = FA) are not answered, nor are those of an interchange that the
    TA1 rejects.

    Args:
        file: The file as read.
        reports: From `cleanclaim.x12.validate.validate` of that file, or from `validate_each`: they are
            looked at once, and only their answers are kept.
        policy: Which SNIP levels reject or report.
    """
    heard: dict[int, list[TransactionAck]] = {}
    for report in reports:
        heard.setdefault(id(report.transaction.group), []).append(_answer_transaction(report, policy))
    return [_answer_group(group, tuple(heard.pop(id(group), ()))) for group in _answered(file)]


def stream_answers(
    file: X12File, reports: Iterable[TransactionReport], policy: AckPolicy = DEFAULT_POLICY
) -> list[tuple[GroupAck, PackedAnswers]]:
    """The same for a file of hundreds of thousands of transactions, whose answers are held packed.

    Returns:
        Each group with the answers to its transactions, which the record itself leaves out; for
        `cleanclaim.x12.sets.acknowledgments.write_999(group, answers=...)`.
    """
    heard: dict[int, PackedAnswers] = {}
    for report in reports:
        answers = heard.setdefault(id(report.transaction.group), PackedAnswers())
        answers.append(_answer_transaction(report, policy))
    found = []
    for group in _answered(file):
        answers = heard.get(id(group), PackedAnswers())
        found.append((msgspec.structs.replace(_answer_group(group, answers), transactions=()), answers))
    return found


def _answered(file: X12File) -> Iterator[Group]:
    """The groups that get an answer."""
    for interchange in file.interchanges:
        if interchange_code(interchange) == "000":
            for group in interchange.groups:
                if group.functional_id != "FA" and group.gs.get(6):
                    yield group


def acknowledge_interchanges(file: X12File, policy: AckPolicy = DEFAULT_POLICY) -> list[InterchangeAck]:
    """The TA1s that the policy wants, in file order.

    TA102 and TA103 repeat ISA09 and ISA10 as they were sent, even when they are what is wrong.
    """
    answers = []
    for interchange in file.interchanges:
        code = interchange_code(interchange)
        asked = interchange.isa.get(14) == "1" or code != "000"
        if policy.ta1 == "never" or (policy.ta1 == "asked" and not asked):
            continue
        number = interchange.control_number
        answers.append(
            InterchangeAck(
                interchange_control_number=number.zfill(9)[-9:] if number.isdecimal() else "000000000",
                interchange_date=interchange.isa.get(9),
                interchange_time=interchange.isa.get(10),
                result="A" if code == "000" else "R",
                code=code,
            )
        )
    return answers


def answering_envelope(interchange: Interchange, control_number: int, created_at: datetime) -> Envelope:
    """The envelope of an answer: receiver and sender change places, usage stays.

    Delimiters are the sender's own where they can be written, else the usual ones.
    """
    marks = interchange.delimiters
    characters = [marks.element, marks.component, marks.repetition, marks.segment]
    fit = all(
        mark.isascii() and mark.isprintable() and not mark.isalnum() and mark != " " for mark in characters
    )
    if not fit or len(set(characters)) != 4 or not all(characters):
        marks = Delimiters()
    group = interchange.groups[0].gs if interchange.groups else None
    return Envelope(
        sender_id=_party(interchange.receiver[1], marks),
        receiver_id=_party(interchange.sender[1], marks),
        sender_qualifier=_qualifier(interchange.receiver[0]),
        receiver_qualifier=_qualifier(interchange.sender[0]),
        application_sender=_application(group, 3, marks),
        application_receiver=_application(group, 2, marks),
        control_number=control_number,
        group_control_number=1,
        created_at=created_at,
        usage=interchange.usage if interchange.usage in ("P", "T") else "P",
        delimiters=marks,
    )


def _party(text: str, marks: Delimiters) -> str:
    return clean_text(text, marks)[:15] or "UNKNOWN"


def _qualifier(text: str) -> str:
    return text if text in ID_QUALIFIERS else "ZZ"


def _application(gs: Segment | None, at: int, marks: Delimiters) -> str:
    text = clean_text(gs.get(at), marks)[:15] if gs else ""
    return text if len(text) >= 2 else ""


def interchange_code(interchange: Interchange) -> str:
    """TA105: the note of the first fault that rejects the interchange, ``000`` when there is none."""
    for finding in interchange.findings:
        if finding.severity.stops and "ta1" in finding.ack:
            return finding.ack["ta1"]
    for group in interchange.groups:
        for finding in group.findings:
            if finding.severity.stops and "ta1" in finding.ack:
                return finding.ack["ta1"]
    return "000"


def _answer_group(group: Group, answers: Sequence[TransactionAck]) -> GroupAck:
    codes = _codes(group.findings, "ak9")
    results = Counter(answer.result for answer in answers)
    taken = 0 if codes else results["A"] + results["E"]
    if codes or not taken:
        result = "R"
    elif taken < len(answers):
        result = "P"
    else:
        result = "E" if results["E"] else "A"
    stated = group.ge.get(1).strip() if group.ge else ""
    return GroupAck(
        functional_id=group.functional_id,
        group_control_number=group.control_number,
        guide=group.guide,
        result=result,
        included=int(stated) if stated.isdecimal() and len(stated) <= 6 else len(answers),
        received=len(answers),
        accepted=taken,
        codes=codes,
        transactions=tuple(answers) if isinstance(answers, tuple) else (),
    )


def _answer_transaction(report: TransactionReport, policy: AckPolicy) -> TransactionAck:
    answered = policy.rejects | policy.reports
    told = [finding for finding in report.findings if finding.severity.stops and finding.snip in answered]
    told = [finding for finding in told if finding.ack]
    errors = segment_errors(report.transaction, told)
    codes = _codes(told, "ik5")
    if errors:
        codes = (*codes, "5")[-_MOST_CODES:]
    rejected = any(finding.snip in policy.rejects for finding in told)
    transaction = report.transaction
    return TransactionAck(
        set_id=transaction.set_id,
        control_number=_padded(transaction.control_number),
        guide=transaction.st.get(3),
        result="R" if rejected else "E" if told else "A",
        codes=codes,
        errors=errors,
    )


def segment_errors(transaction: Transaction, findings: Sequence[Finding]) -> tuple[SegmentError, ...]:
    """Gather findings into one entry a segment: an IK3 with its IK4s and what made them necessary.

    A segment that a situation asks for and that is missing is named itself, with the segment of the situation
    as its trigger. Claims are named by CLM01; where a set has none, its trace (TRN02) stands for the whole.
    """
    gathered: dict[tuple[int, str, str, str], list[Finding]] = {}
    for finding in findings:
        if "ik3" in finding.ack:
            where = finding.where
            name, loop, code = where.segment, where.loop, finding.ack["ik3"]
            if code == _SITUATION_MISSING and finding.facts.get("wants"):
                name, loop = finding.facts["wants"][0], finding.facts["wanted_in"]
            gathered.setdefault((where.segment_index, name, loop, code), []).append(finding)
    unit = _business_unit(transaction) if gathered else ("", "")
    errors = []
    for (position, segment_id, loop, code), members in sorted(gathered.items()):
        elements = tuple(_element(transaction, one) for one in members if "ik4" in one.ack)
        errors.append(
            SegmentError(
                segment_id=segment_id if _SEGMENT_ID.match(segment_id) else _UNREADABLE,
                position=position,
                loop=loop[:_LOOP_LENGTH],
                code=code,
                elements=elements,
                claim_number=members[0].subject_id[:_CONTEXT_LENGTH] if transaction.set_id == "837" else "",
                triggers=tuple(filter(None, map(_trigger, members))),
                business_unit=unit,
            )
        )
    return tuple(errors)


def _trigger(finding: Finding) -> Trigger | None:
    """What a broken situation hangs on: a segment for a missing segment, an element for a missing element."""
    trigger = finding.facts.get("trigger")
    if not trigger:
        return None
    where = finding.where
    of = _place_of(finding) if "ik4" in finding.ack else ""
    return Trigger(where.segment, where.segment_index, where.loop[:_LOOP_LENGTH], trigger, of)


def _business_unit(transaction: Transaction) -> tuple[str, str]:
    """By what a fault of a set without claims is named: its first trace number."""
    if transaction.set_id in ("837", "278"):
        return "", ""
    marks = transaction.st.delimiters
    for piece in transaction.text()[:_HEAD].split(marks.segment)[:-1]:
        elements = piece.lstrip().split(marks.element)
        if elements[0] == "TRN" and len(elements) > 2 and elements[2]:
            return "TRN02", elements[2][:_CONTEXT_LENGTH]
    return "", ""


def _place_of(finding: Finding) -> str:
    where = finding.where
    at = int(where.element[len(where.segment) :] or 0)
    return f"{at}:{where.component}" if where.component else str(at)


def _element(transaction: Transaction, finding: Finding) -> tuple[str, str, str]:
    """IK401 as ``element`` or ``element:component``, IK403, and IK404 for codes only.

    Other values are not copied: they may be a patient's name or number.
    """
    where = finding.where
    at = int(where.element[len(where.segment) :] or 0)
    copy = ""
    if finding.code == "x12.element.code":
        copy = transaction.segment(where.segment_index, where.offset).get(at, where.component)
    return _place_of(finding), finding.ack["ik4"], copy[:99]


def _padded(number: str) -> str:
    """ST02 as AK202 can hold it: four to nine letters or digits."""
    kept = "".join(character for character in number if character.isalnum() and character.isascii())
    return kept.zfill(4)[:9]


def _codes(findings: Sequence[Finding], key: str) -> tuple[str, ...]:
    """Answer codes of one kind, each once, in order, at most five."""
    codes = [finding.ack[key] for finding in findings if finding.severity.stops and key in finding.ack]
    return tuple(dict.fromkeys(codes))[:_MOST_CODES]
