"""SNIP 4 and 5: every rule can be broken, every list can doubt, and nothing else is told."""

from __future__ import annotations

from datetime import date

import pytest
from builders import BODIES, ENVELOPE, changed, file_of
from pyx12_judge import pyx12_errors

from cleanclaim.x12.ack import AckPolicy, acknowledge_groups
from cleanclaim.x12.guide import guide_rows, load_guide
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.acknowledgments import read_999, write_999
from cleanclaim.x12.sets.records import Trigger
from cleanclaim.x12.validate import external, validate
from cleanclaim.x12.validate.situations import parse_need, situations
from cleanclaim.x12.writer import write_x12


def findings_of(data):
    return [one for report in validate(read_x12(data)) for one in report.findings]


CLM = "CLM*A1003*310***11:B:1*Y*A*Y*Y"
BROKEN = {  # rule: kind of file, old, new
    "replacement_number": ("837P", "11:B:1*", "11:B:7*"),
    "accident_state": ("837P", CLM, CLM + "**AA\nDTP*439*D8*20261001"),
    "accident_date": ("837P", CLM, CLM + "**OA"),
    "admission_date": ("837P", "11:B:1*", "21:B:1*"),
    "attachment_number": ("837P", "HI*ABK", "PWK*OZ*FX\nHI*ABK"),
    "self_no_patient": ("837P", "HL*2*1*22*0", "HL*2*1*22*1"),
    "patient_level_missing": ("837P", "SBR*P*18*", "SBR*P**"),
    "subscriber_birth_date": ("837P", "DMG*D8*19800101*F\n", ""),
    "subscriber_street": ("837P", "N3*7 ELM AVE\n", ""),
    "medicare_secondary_type": ("837P", "SBR*P*18*G1******CI", "SBR*S*18*G1******MB"),
    "insurance_type_not_used": ("837P", "SBR*P*18*G1******CI", "SBR*S*18*G1**12****CI"),
    "unlisted_described": ("837P", "HC:90837*", "HC:90899*"),
    "paid_line_date": ("837P", "DTP*472*D8*20261015\nREF*6R*A1003L1", "DTP*472*D8*20261015\nREF*6R*A1003L1\nSVD*77777*175*HC:90837**1"),
    "billing_zip": ("837P", "N4*SPRINGFIELD*IL*627010001", "N4*SPRINGFIELD*IL*62701"),
    "facility_zip": ("837P", "LX*1", "NM1*77*2*CLINIC*****XX*1234567893\nN3*1 OAK ST\nN4*PEORIA*IL*61602\nLX*1"),
}  # fmt: skip


def test_every_rule_has_a_case():
    assert set(BROKEN) == {rule.id for rule in situations()}


@pytest.mark.parametrize("rule", sorted(BROKEN))
def test_a_broken_situation_is_told_once(rule):
    kind, old, new = BROKEN[rule]
    found = [one for one in findings_of(changed(kind, old, new)) if one.snip == 4]
    if rule in ("self_no_patient",):  # the wrong announcement of a level is what is told
        assert [one.code for one in findings_of(changed(kind, old, new))] == ["x12.hl.child_code"]
        return
    assert [one.facts["rule"] for one in found] == [rule], [one.text() for one in found]
    assert found[0].message.endswith(".") and ".." not in found[0].message
    assert found[0].subject_id in ("A1003", "")


def test_usual_files_break_none():
    for kind in BODIES:
        assert findings_of(file_of(kind)) == []


def test_rules_point_to_what_their_guides_have():
    for rule in situations():
        for base in rule.bases:
            (folder,) = [row["folder"] for row in guide_rows() if row["base"] == base]
            guide = load_guide(folder)
            assert rule.loop in guide.loops, rule.id
            assert guide.loops[rule.loop].by_name.get(rule.segment), rule.id
            for need in rule.needs:
                if need.kind == "has":
                    heads = [child.head for child in guide.loops[need.loop].by_name[need.segment]]
                    assert not need.qualifier or any(need.qualifier in head.key_codes for head in heads), (
                        rule.id
                    )


def test_a_need_is_one_of_the_forms():
    with pytest.raises(ValueError):
        parse_need("wants REF")


def test_situations_reject_only_where_the_policy_says_so():
    file = read_x12(changed("837P", "11:B:1*", "11:B:7*"))
    reports = validate(file)
    (group,) = acknowledge_groups(file, reports)
    assert group.result == "A"
    (group,) = acknowledge_groups(file, reports, AckPolicy(rejects=frozenset((1, 2, 4))))
    assert group.result == "R"
    (error,) = group.transactions[0].errors
    assert (error.segment_id, error.loop, error.code, error.claim_number) == ("REF", "2300", "I6", "A1003")
    assert error.triggers == (Trigger("CLM", error.position, "2300", "5:3"),)


CONTEXTS = [  # file, segments of the 999 between AK2 and IK5
    (changed("837P", "11:B:1*", "11:B:7*"), [
        "IK3*REF*19*2300*I6", "CTX*SITUATIONAL TRIGGER*CLM*19*2300*5:3", "CTX*CLM01:A1003",
    ]),
    (changed("837P", "DMG*D8*19800101*F\n", ""), [
        "IK3*DMG*13*2010*I6", "CTX*SITUATIONAL TRIGGER*SBR*13*2000*2",
    ]),
    (changed("837P", CLM, CLM + "**AA\nDTP*439*D8*20261001"), [
        "IK3*CLM*19*2300*8", "CTX*CLM01:A1003", "IK4*11:4**I9", "CTX*SITUATIONAL TRIGGER*CLM*19*2300*11:3",
    ]),
    (changed("837P", CLM, CLM + "**AA"), [  # one element and one segment for one trigger
        "IK3*CLM*19*2300*8", "CTX*CLM01:A1003", "IK4*11:4**I9", "CTX*SITUATIONAL TRIGGER*CLM*19*2300*11:3",
        "IK3*DTP*19*2300*I6", "CTX*SITUATIONAL TRIGGER*CLM*19*2300*11:3", "CTX*CLM01:A1003",
    ]),
    (changed("835", "*12*2026000001*11*1", "*12**11*1"), [  # a set without claims is named by its trace
        "IK3*CLP*12*2100*8", "CTX*TRN02:EFT1", "IK4*7**1",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("data", "told"), CONTEXTS)
def test_an_answer_names_what_made_the_missing_thing_necessary(data, told):
    file = read_x12(data)
    (group,) = acknowledge_groups(file, validate(file), AckPolicy(rejects=frozenset((1, 2, 4))))
    answer = write_x12(ENVELOPE, [write_999(group, control_number="0001")])
    segments = answer.decode().split("~")
    begin = next(at for at, text in enumerate(segments) if text.startswith("AK2"))
    assert segments[begin + 1 : begin + 1 + len(told)] == told
    assert segments[begin + 1 + len(told)].startswith("IK5*R")
    again = read_x12(answer)
    assert [one for report in validate(again) for one in report.findings] == []
    (transaction,) = again.transactions()
    back, findings = read_999(transaction)
    assert (back.transactions[0].errors, findings) == (group.transactions[0].errors, [])
    # pyx12 counts contexts of a segment error together, whatever their first component says.
    assert [one for one in pyx12_errors(answer) if "CTX exceeded max count" not in one] == []


DOUBTS = [  # kind, old, new, code of the finding, element
    ("837P", "ABK:F331", "ABK:Q9999", "x12.code.unknown", "HI01"),
    ("837P", "ABK:F331", "ABK:F33", "x12.code.incomplete", "HI01"),
    ("837P", "11:B:1*", "97:B:1*", "x12.code.unknown", "CLM05"),
    ("837P", "HC:90837*", "HC:99354*", "x12.code.not_in_force", "SV101"),
    ("835", "CAS*CO*45*45", "CAS*CO*999*45", "x12.code.unknown", "CAS02"),
    ("837P", "PEORIA*IL*", "PEORIA*NP*", "x12.code.unknown", "N402"),
    ("837P", "PEORIA*IL*616020001", "TORONTO*ON*M5V3L9*CA", "", ""),
    ("837P", "PEORIA*IL*616020001", "LYON*ZZ*69001*FR", "", ""),
    ("835", "WO:ADJ1*5", "WO:ADJ1*5*ZQ:ADJ2*0", "x12.code.unknown", "PLB05"),
]


@pytest.mark.parametrize(("kind", "old", "new", "code", "element"), DOUBTS)
def test_doubtful_codes_are_told_and_never_reject(kind, old, new, code, element):
    file = read_x12(changed(kind, old, new))
    reports = validate(file)
    found = [one for report in reports for one in report.findings if one.snip == 5]
    assert [(one.code, one.where.element) for one in found] == ([(code, element)] if code else [])
    assert not any(one.severity.stops for one in found)


def test_the_same_doubtful_code_is_told_once_a_transaction():
    text = BODIES["835"][4].replace("CAS*CO*45*", "CAS*CO*999*")
    found = [one for one in findings_of(file_of("835", text)) if one.snip == 5]
    assert [one.facts["list"] for one in found] == ["carc"]
    assert "2025-11-01" in found[0].message


def test_codes_are_judged_by_date():
    assert external.judge("diagnoses", "F331", date(2026, 3, 1)) == ""
    assert external.judge("diagnoses", "F331", date(2010, 3, 1)) == ""  # our releases do not speak of 2010
    assert external.judge("carc", "45", None) == ""
