"""Validation by guide: each fault is found once, in its place, with its answer."""

from __future__ import annotations

import pytest
from builders import changed, file_of

from cleanclaim.x12.index import Limits, read_x12
from cleanclaim.x12.validate import validate


def report_of(data: bytes, **more):
    (report,) = validate(read_x12(data), **more)
    return report


@pytest.mark.parametrize("kind", ["837P", "835", "999"])
def test_good_files_have_no_finding(kind):
    report = report_of(file_of(kind))
    assert (report.valid, report.supported, report.findings) == (True, True, [])


def test_claims_are_counted_and_named():
    assert report_of(file_of("837P")).claims == 1
    assert report_of(file_of("835")).claims == 1
    report = report_of(changed("837P", "SV1*HC:90837*175*UN", "SV1*HC:90837*175*XX"))
    assert report.findings[0].subject_id == "A1003"


# kind, old, new, code, segment index, loop, element, component, answer, why
FAULTS = [
    ("837P", "HI*ABK:F331", "", "x12.segment.missing", 20, "2300", "", 0, {"ik3": "3"}, "no diagnosis"),
    ("837P", "BHT*0019*00*B1*20261102*0930*CH", "", "x12.segment.missing", 2, "ST", "", 0, {"ik3": "3"}, "no BHT"),
    ("837P", "HI*ABK:F331", "ZZZ*1\nHI*ABK:F331", "x12.segment.unknown", 20, "2300", "", 0, {"ik3": "1"}, "no such id"),
    ("837P", "HI*ABK:F331", "DMG*D8*19800101*F\nHI*ABK:F331", "x12.segment.unexpected", 20, "2300", "", 0, {"ik3": "2"}, "strayed"),
    ("837P", "DTP*472*D8*20261015\nREF*6R*A1003L1", "REF*6R*A1003L1\nDTP*472*D8*20261015", "x12.segment.order", 24, "2400", "", 0, {"ik3": "7"}, "swapped"),
    ("837P", "REF*6R*A1003L1", "REF*6R*A1003L1\nREF*6R*A1003L2", "x12.segment.too_many", 25, "2400", "", 0, {"ik3": "5"}, "one is allowed"),
    ("837P", "NM1*PR*2*EVERGREEN*****PI*60054", "", "x12.loop.missing", 18, "2010BB", "", 0, {"ik3": "I7"}, "no payer"),
    ("837P", "REF*6R*A1003L1", "REF*QQ*A1003L1", "x12.segment.qualifier", 24, "2400", "REF01", 0, {"ik3": "8", "ik4": "7"}, "no such kind"),
    ("837P", "CLM*A1003*310***11:B:1*Y*A*Y*Y", "", "x12.segment.missing", 19, "2300", "", 0, {"ik3": "3"}, "a claim without head"),
    ("837P", "HL*2*1*22*0", "HL*3*1*22*0", "x12.hl.number", 12, "2000B", "HL01", 0, {"ik3": "8", "ik4": "7"}, "a gap"),
    ("837P", "LX*1", "LX*2", "x12.line.number", 21, "2400", "LX01", 0, {"ik3": "8", "ik4": "7"}, "lines that begin at 2: told once"),
    ("837P", "LX*2", "LX*1", "x12.line.number", 25, "2400", "LX01", 0, {"ik3": "8", "ik4": "7"}, "a number twice"),
    ("837P", "HL*2*1*22*0", "HL*2*9*22*0", "x12.hl.parent", 12, "2000B", "HL02", 0, {"ik3": "8", "ik4": "7"}, "points nowhere"),
    ("837P", "HL*2*1*22*0", "HL*2*1*22*1", "x12.hl.child_code", 12, "2000B", "HL04", 0, {"ik3": "8", "ik4": "7"}, "no dependent follows"),
    ("837P", "PER*IC*OFFICE*TE*5555550101", "PER*IC*OFFICE*TE", "x12.element.required", 4, "1000A", "PER04", 0, {"ik3": "8", "ik4": "1"}, "said once, not by syntax too"),
    ("837P", "SBR*P*18*G1******CI", "SBR*P*18*G1****X**CI", "x12.element.not_used", 13, "2000B", "SBR07", 0, {"ik3": "8", "ik4": "I10"}, "not of the guide"),
    ("837P", "N4*PEORIA*IL*616020001", "N4*PEORIA*I*616020001", "x12.element.too_short", 16, "2010BA", "N402", 0, {"ik3": "8", "ik4": "4"}, "one letter"),
    ("837P", "CLM*A1003*", f"CLM*{'A' * 39}*", "x12.element.too_long", 19, "2300", "CLM01", 0, {"ik3": "8", "ik4": "5"}, "38 is the limit"),
    ("837P", "SV1*HC:90837*175*UN", "SV1*HC:90837*1X5*UN", "x12.element.character", 22, "2400", "SV102", 0, {"ik3": "8", "ik4": "6"}, "no amount"),
    ("837P", "SV1*HC:90837*175*UN", "SV1*HC:90837*175*XX", "x12.element.code", 22, "2400", "SV103", 0, {"ik3": "8", "ik4": "7"}, "no such unit"),
    ("837P", "BHT*0019*00*B1*20261102", "BHT*0019*00*B1*20261302", "x12.element.date", 2, "ST", "BHT04", 0, {"ik3": "8", "ik4": "8"}, "month 13"),
    ("837P", "*0930*CH", "*0975*CH", "x12.element.time", 2, "ST", "BHT05", 0, {"ik3": "8", "ik4": "9"}, "minute 75"),
    ("837P", "DTP*472*D8*20261015", "DTP*472*D8*20260231", "x12.element.date", 23, "2400", "DTP03", 0, {"ik3": "8", "ik4": "8"}, "no such day"),
    ("837P", "DTP*472*D8*20261015", "DTP*472*RD8*20261016-20261015", "x12.element.date", 23, "2400", "DTP03", 0, {"ik3": "8", "ik4": "8"}, "ends before it begins"),
    ("837P", "11:B:1*Y", "11:B:1:9:9:9:9*Y", "x12.element.too_many_components", 19, "2300", "CLM05", 0, {"ik3": "8", "ik4": "3"}, "three exist"),
    ("837P", "11:B:1*Y", "11::1*Y", "x12.element.required", 19, "2300", "CLM05", 2, {"ik3": "8", "ik4": "1"}, "a component is empty"),
    ("837P", "LX*2", "LX*2*9", "x12.element.too_many", 25, "2400", "LX02", 0, {"ik3": "8", "ik4": "3"}, "LX has one"),
    ("835", "N1*PE*QUIET HARBOR*XX*1234567893\nREF*TJ*123456789", "", "x12.loop.missing", 9, "1000B", "", 0, {"ik3": "I7"}, "no payee"),
    ("835", "BPR*I*", "BPR*Q*", "x12.element.code", 2, "ST", "BPR01", 0, {"ik3": "8", "ik4": "7"}, "its first element tells no rivals apart"),
    ("999", "IK5*A", "IK5*Q", "x12.element.code", 4, "2000", "IK501", 0, {"ik3": "8", "ik4": "7"}, "no such result"),
    ("999", "AK9*A*1*1*1", "", "x12.segment.missing", 5, "ST", "", 0, {"ik3": "3"}, "no end"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "old", "new", "code", "index", "loop", "element", "component", "ack", "why"), FAULTS
)
def test_each_fault_is_found_once_in_its_place(
    kind, old, new, code, index, loop, element, component, ack, why
):
    stops = [finding for finding in report_of(changed(kind, old, new)).findings if finding.severity.stops]
    assert [finding.code for finding in stops] == [code], why
    where = stops[0].where
    assert (where.segment_index, where.loop, where.element, where.component) == (
        index,
        loop,
        element,
        component,
    )
    assert stops[0].ack == ack
    assert stops[0].remedy


TOLD = [  # kind, old, new, code: told, not stopped
    ("837P", "N3*7 ELM AVE", "N3*7 ELM AVE ", "x12.element.trailing_blanks"),
]


@pytest.mark.parametrize(("kind", "old", "new", "code"), TOLD)
def test_quirks_are_told_without_stopping(kind, old, new, code):
    report = report_of(changed(kind, old, new))
    assert ([finding.code for finding in report.findings], report.valid) == ([code], True)


def test_trailing_separators_are_told():
    report = report_of(file_of("837P").replace(b"N3*7 ELM AVE~", b"N3*7 ELM AVE***~"))
    codes = [finding.code for finding in report.findings]
    assert codes in (["x12.segment.trailing_separators"], ["x12.element.too_many"])
    assert report.valid


BALANCES = [  # kind, old, new, code, index, element, difference in cents, why
    ("837P", "CLM*A1003*310*", "CLM*A1003*310.01*", "x12.balance.claim_charge", 19, "CLM02", 1, "a cent over"),
    ("837P", "*135*UN", "*134.5*UN", "x12.balance.claim_charge", 19, "CLM02", 50, "a line too low"),
    ("835", "BPR*I*195*", "BPR*I*196*", "x12.balance.payment", 2, "BPR02", 100, "a dollar over"),
    ("835", "WO:ADJ1*5", "WO:ADJ1*-5", "x12.balance.payment", 2, "BPR02", -1000, "the sign of PLB"),
    ("835", "CAS*PR*3*10", "CAS*PR*3*11", "x12.balance.line_payment", 18, "SVC03", 100, "told at the line, not at the claim too"),
    ("835", "CLP*A1003*1*310*", "CLP*A1003*1*320*", "x12.balance.claim_lines_charge", 12, "CLP03", 1000, "lines add to less"),
    ("835", "*310*200*30*", "*310*201*30*", "x12.balance.claim_payment", 12, "CLP04", 100, "a claim pays more"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "old", "new", "code", "index", "element", "cents", "why"), BALANCES)
def test_amounts_that_do_not_add_up(kind, old, new, code, index, element, cents, why):
    found = [finding for finding in report_of(changed(kind, old, new)).findings if finding.snip == 3]
    found = [finding for finding in found if code != "x12.balance.claim_payment" or finding.code == code]
    assert [(one.code, one.where.segment_index, one.where.element) for one in found] == [
        (code, index, element)
    ], why
    assert found[0].facts["difference_cents"] == cents


def test_other_payers_amounts_explain_the_charge():
    other = """SBR*S*18*G2******CI
CAS*PR*3*110
AMT*D*{paid}
OI***Y***Y
NM1*IL*1*TESTER*TERRY****MI*W2
NM1*PR*2*OTHER*****PI*99999
LX*1"""
    good = report_of(changed("837P", "LX*1", other.format(paid="200")))
    assert good.findings == []
    bad = report_of(changed("837P", "LX*1", other.format(paid="190")))
    assert [(one.code, one.facts["difference_cents"]) for one in bad.findings] == [
        ("x12.balance.other_payer_claim", -1000)
    ]


def test_unsupported_sets_are_said_to_be_so():
    report = report_of(file_of("837P").replace(b"005010X222A1", b"005010X224A2"))
    assert (report.supported, report.valid) == (False, True)
    assert [finding.code for finding in report.findings] == ["x12.set.unsupported"]


def test_guide_variants_are_checked_and_told():
    report = report_of(file_of("837P").replace(b"005010X222A1", b"005010X222A2"))
    assert (report.guide, report.valid) == ("005010X222A1", True)
    assert [finding.code for finding in report.findings] == ["x12.set.guide_variant"]


def test_what_follows_a_fault_is_still_checked():
    data = changed("837P", "HI*ABK:F331", "ZZZ*1").replace(b"*135*UN", b"*135*XX")
    stops = [finding.code for finding in report_of(data).findings]
    assert stops == ["x12.segment.unknown", "x12.segment.missing", "x12.element.code"]


def test_claims_and_levels_have_limits():
    report = report_of(file_of("837P"), limits=Limits(claims=0))
    assert "x12.set.too_many_claims" in [finding.code for finding in report.findings]
    report = report_of(file_of("837P"), limits=Limits(hl_count=1))
    assert "x12.hl.too_many" in [finding.code for finding in report.findings]


def test_findings_are_cut_at_the_limit():
    text = "\n".join(["AK1*HC*7*005010X222A1", *["ZZZ*1"] * 40, "AK9*A*1*1*1"])
    report = report_of(file_of("999", text), limits=Limits(findings=5))
    assert [finding.code for finding in report.findings].count("x12.segment.unknown") == 5
    assert report.findings[-1].code in ("x12.segment.unknown", "x12.file.too_many_findings")
    assert "x12.file.too_many_findings" in [finding.code for finding in report.findings]


def test_no_value_of_a_patient_enters_a_finding():
    data = changed("837P", "NM1*IL*1*TESTER*TERRY****MI*W1", "NM1*IL*9*TESTER*TERRY*****SECRET9")
    for finding in report_of(data).findings:
        text = finding.text() + str(finding.facts)
        assert "TESTER" not in text and "SECRET9" not in text


def test_good_values_are_forgotten_after_each_file():
    from cleanclaim.x12.validate import compiled_guide

    validate(read_x12(file_of("837P")))
    from cleanclaim.x12.guide import load_guide
    from cleanclaim.x12.index import Delimiters

    compiled = compiled_guide(load_guide("005010X222A1"), Delimiters())
    held = {value for check in compiled._checks.values() for step in check.steps for value in step.good}
    assert "TESTER" not in held and "W1" not in held
    assert not any(check.clean or check.good_formats for check in compiled._checks.values())
