"""277CA and 277: out and back, judged, and the public samples."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest
from claims import ENVELOPE, WHEN, engine_findings
from hypothesis import given, settings
from hypothesis import strategies as st
from pyx12_judge import pyx12_errors

from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets.claim_status import read_277, read_277ca, write_277, write_277ca
from cleanclaim.x12.sets.records import ClaimStatus, RemitParty, StatusInfo, StatusReport
from cleanclaim.x12.writer import WriteRefused, write_x12

replace = msgspec.structs.replace

PROVIDER = RemitParty("QUIET HARBOR COUNSELING", id_qualifier="XX", id="1234567893")
OTHER_PROVIDER = RemitParty("SOLOIST", "SAM", "XX", "1003000126")
TERRY = RemitParty("TESTER", "TERRY", "MI", "W123456789")
CHARLIE = RemitParty("TESTER", "CHARLIE", "MI", "W123456789")
DAY = date(2026, 11, 23)

BATCH = ClaimStatus(
    "receiver", (StatusInfo("A1", "19", "PR"),), DAY, "WQ", charge_cents=31000, trace_number="B41"
)
OF_PROVIDER = ClaimStatus(
    "provider",
    (StatusInfo("A1", "19", "PR"),),
    None,
    "WQ",
    charge_cents=31000,
    trace_number="0",
    provider=PROVIDER,
)
ACCEPTED = ClaimStatus(
    "claim", (StatusInfo("A2", "20", "PR"),), DAY, "WQ", "A1003", "2026000001", "CH77", 17500, trace_number="A1003",
    service_from=date(2026, 10, 15), member_id="W123456789", patient=TERRY, provider=PROVIDER,
)  # fmt: skip
REJECTED = ClaimStatus(
    "claim", (StatusInfo("A7", "562", "85"), StatusInfo("A7", "33", "IL"), StatusInfo("A8", "255"), StatusInfo("A8", "454")),
    DAY, "U", "A1004", charge_cents=13500, trace_number="A1004", service_from=date(2026, 10, 16), service_to=date(2026, 10, 18),
    message="CHECK THE NPI", member_id="W123456789", patient=CHARLIE, provider=PROVIDER,
)  # fmt: skip
BAD_LINE = ClaimStatus(
    "line", (StatusInfo("A7", "453"),), DAY, "U", "A1004", charge_cents=13500, line_control="A1004L1", code="90834",
    qualifier="HC", modifiers=("95",), service_from=date(2026, 10, 16), member_id="W123456789", patient=CHARLIE,
    provider=PROVIDER, trace_number="A1004",
)  # fmt: skip
REPORT = StatusReport(
    "005010X214", "EVERGREEN HEALTH", "60054", "PR", "QHB01", "B41", "ACK41", DAY, (BATCH, OF_PROVIDER, ACCEPTED, REJECTED, BAD_LINE),
    1, 1, "0001", 17500, 13500, "QUIET HARBOR BILLING", "PI", "T41", DAY, DAY, "0930",
)  # fmt: skip

FOUND = ClaimStatus(
    "claim", (StatusInfo("F1", "65"),), DAY, "", "A1003", "2026000001", "CH77", 17500, 11000, date(2026, 11, 2),
    "INQ1", service_from=date(2026, 10, 15), member_id="W123456789", patient=TERRY, provider=PROVIDER, check_number="EFT1",
    bill_type="111",
)  # fmt: skip
FOUND_LINE = ClaimStatus(
    "line", (StatusInfo("F1", "65"),), DAY, "", "A1003", charge_cents=17500, paid_cents=11000, trace_number="INQ1", code="90837",
    qualifier="HC", line_control="A1003L1", service_from=date(2026, 10, 15), member_id="W123456789", patient=TERRY, provider=PROVIDER,
)  # fmt: skip
NOT_FOUND = ClaimStatus(
    "claim", (StatusInfo("D0", "35"),), DAY, trace_number="INQ2", member_id="W123456789", patient=CHARLIE, provider=OTHER_PROVIDER,
)  # fmt: skip
ANSWER = StatusReport(
    "005010X212", "EVERGREEN HEALTH", "60054", "PR", "QHB01", "", "ST41", DAY, (FOUND, FOUND_LINE, NOT_FOUND), control_number="0001",
    receiver_name="QUIET HARBOR BILLING", source_id_qualifier="PI", created_clock="0930",
)  # fmt: skip


def file_of(report: StatusReport) -> bytes:
    write = write_277ca if report.guide == "005010X214" else write_277
    return write_x12(ENVELOPE, [write(report, control_number="0001", created_at=WHEN)])


def read_back(data: bytes):
    (transaction,) = read_x12(data).transactions()
    read = read_277ca if transaction.guide == "005010X214" else read_277
    report, findings = read(transaction)
    return replace(report, statuses=tuple(replace(one, position=0) for one in report.statuses)), findings


SITUATIONS = {
    "claim_and_line_rejected": REPORT,
    "clearinghouse": replace(REPORT, source_kind="AY", source_id_qualifier="46", statuses=(BATCH, OF_PROVIDER, ACCEPTED)),
    "two_providers": replace(REPORT, statuses=(BATCH, OF_PROVIDER, ACCEPTED,
        replace(OF_PROVIDER, provider=OTHER_PROVIDER), replace(REJECTED, provider=OTHER_PROVIDER))),
    "found_and_not_found": ANSWER,
}  # fmt: skip


@pytest.mark.parametrize("name", SITUATIONS)
def test_clean_and_reads_back(name):
    data = file_of(SITUATIONS[name])
    assert engine_findings(data) == []
    assert SITUATIONS[name] is ANSWER or pyx12_errors(data) == []
    assert read_back(data) == (SITUATIONS[name], [])


def test_the_judge_catches_a_planted_fault():
    assert pyx12_errors(file_of(REPORT).replace(b"*U*135*", b"*QQ*135*")) != []
    assert engine_findings(file_of(ANSWER).replace(b"HL*3*2*19*1", b"HL*3*2*18*1")) != []


def test_levels_without_a_status_of_their_own_say_received():
    data = file_of(replace(REPORT, statuses=(ACCEPTED, REJECTED, BAD_LINE)))
    assert pyx12_errors(data) == []
    report, _ = read_back(data)
    assert [(one.level, one.action, one.charge_cents) for one in report.statuses] == [
        ("receiver", "WQ", 31000), ("provider", "WQ", 31000), ("claim", "WQ", 17500), ("claim", "U", 13500), ("line", "U", 13500),
    ]  # fmt: skip


LEVELS = [  # 277CA: statuses, the HL segments and totals that say who answers where
    ((replace(BATCH, action="U"),), ["HL*1**20*1", "HL*2*1*21*0"]),
    ((BATCH, replace(OF_PROVIDER, accepted_count=1, rejected_count=0, accepted_cents=17500), ACCEPTED),
     ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "QTY*QA*1", "QTY*QC*0", "AMT*YU*175", "HL*4*3*PT"]),
    ((BATCH, replace(OF_PROVIDER, action="U", rejected_count=1, rejected_cents=13500), REJECTED),
     ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "QTY*QC*1", "AMT*YY*135", "HL*4*3*PT"]),
]  # fmt: skip


@pytest.mark.parametrize(("statuses", "told"), LEVELS)
def test_each_level_answers_where_it_stands(statuses, told):
    """A refused batch or provider has no level beneath it; a provider counts its own claims."""
    report = replace(
        REPORT,
        statuses=statuses,
        accepted_count=None,
        rejected_count=None,
        accepted_cents=None,
        rejected_cents=None,
    )
    data = file_of(report)
    assert engine_findings(data) == []
    if len(statuses) > 1:  # pyx12 wants a provider even where HL04 of the receiver says that none follows
        assert pyx12_errors(data) == []
    assert [one for one in data.decode().split("~") if one[:3] in ("HL*", "QTY", "AMT")] == told
    assert read_back(data) == (report, [])


def test_an_inquiry_that_failed_above_its_claims_is_answered_there():
    failed = (StatusInfo("E1", "0", "PR"),)
    at_receiver = ClaimStatus("receiver", failed, effective_on=WHEN.date(), trace_number="Q1")
    at_provider = ClaimStatus(
        "provider",
        (StatusInfo("D0", "35", "1P"),),
        effective_on=WHEN.date(),
        trace_number="Q2",
        provider=PROVIDER,
    )
    for statuses, levels in (
        ((at_receiver,), ["HL*1**20*1", "HL*2*1*21*0"]),
        ((at_provider,), ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*0"]),
        (
            (at_receiver, at_provider, *ANSWER.statuses),
            ["HL*1**20*1", "HL*2*1*21*1", "HL*3*2*19*1", "HL*4*3*22*0"],
        ),
    ):
        report = replace(ANSWER, statuses=statuses)
        data = file_of(report)
        assert engine_findings(data) == []
        assert [one for one in data.decode().split("~") if one.startswith("HL*")][: len(levels)] == levels
        assert read_back(data) == (report, [])


def test_a_status_leads_to_its_segment():
    data = file_of(REPORT)
    (transaction,) = read_x12(data).transactions()
    report, _ = read_277ca(transaction)
    texts = [transaction.segments[one.position - 1].text() for one in report.statuses]
    assert texts == ["TRN*2*B41", "TRN*1*0", "TRN*2*A1003", "TRN*2*A1004", "SVC*HC:90834:95*135"]


REFUSED = [  # change of the report, elements named
    ({"reference": ""}, ["BHT03"]),
    ({"source_name": ""}, ["NM103"]),
    ({"receiver_id": ""}, ["NM103"]),
    ({"batch_reference": ""}, ["TRN02"]),
    ({"statuses": (replace(ACCEPTED, action=""),)}, ["STC03"]),
    ({"statuses": (replace(ACCEPTED, service_from=None),)}, ["TRN02"]),
    ({"statuses": (replace(ACCEPTED, statuses=()),)}, ["STC01"]),
    ({"statuses": (replace(ACCEPTED, provider=RemitParty(), patient=RemitParty()),)}, ["NM103", "NM103"]),
    ({"statuses": (BAD_LINE,)}, ["SVC01"]),
    ({"statuses": (BATCH, OF_PROVIDER)}, ["HL04"]),  # the guide has no provider without a claim
]


@pytest.mark.parametrize(("change", "elements"), REFUSED)
def test_what_the_guide_requires_is_refused_when_absent(change, elements):
    with pytest.raises(WriteRefused) as refusal:
        write_277ca(replace(REPORT, **change), control_number="0001", created_at=WHEN)
    assert [one.where.element for one in refusal.value.findings] == elements


def test_public_samples(samples_dir):
    read = {}
    for path in sorted(
        [*samples_dir.glob("277/*"), *samples_dir.glob("277ca/*"), *samples_dir.glob("mixed/*277_test*")]
    ):
        for transaction in read_x12(path.read_bytes()).transactions():
            reader = read_277 if transaction.guide == "005010X212" else read_277ca
            report, _ = reader(transaction)
            read[path.name] = [
                (
                    one.level,
                    one.action,
                    one.charge_cents,
                    "/".join(f"{code.category}:{code.status}" for code in one.statuses),
                )
                for one in report.statuses
            ]
    assert read == {
        "apimeister___277_test__0bd289.edi": [
            ("receiver", "WQ", 36550, "DR02:20"),
            ("claim", "WQ", 10000, "DR02:20"),
            ("claim", "U", 6500, "DR06:21/DR06:255"),
            ("claim", "U", 10000, "DR03:26"),
            ("claim", "EZ", 5050, "DR08:20"),
            ("line", "EZ", 5050, "DR08:475"),
            ("claim", "WQ", 5000, "DR02:20"),
        ],
        "apimeister___277_test__8f30a7.edi": [("claim", "", 52449, "F1:3"), ("line", "", 52449, "F1:3")],
        "apimeister___277_test__ef9a4b.edi": [("receiver", "U", 80000, "DR03:24")],
        "cosyte__277__2a0bd1.edi": [("claim", "WQ", 15000, "A2:20"), ("line", "", 15000, "A2:20")],
        "cosyte__277ca__6885c4.edi": [
            ("receiver", "WQ", 500000, "A1:19"),
            ("provider", "WQ", 15000, "A2:20"),
            ("claim", "U", 15000, "A7:21"),
        ],
        "imsweb__x12_277CA_accepted__c96e7f.edi": [
            ("receiver", "WQ", 12500, "A1:20"),
            ("claim", "WQ", 12500, "A2:20"),
        ],
    }


_codes = st.lists(
    st.builds(StatusInfo, st.sampled_from(["A2", "A3", "A7"]), st.sampled_from(["20", "33", "562"]), st.sampled_from(["", "85", "IL"])),
    min_size=1, max_size=7,
).map(tuple)  # fmt: skip


@st.composite
def reports(draw):
    statuses = [BATCH]
    for provider in draw(st.permutations([PROVIDER, OTHER_PROVIDER]))[: draw(st.integers(1, 2))]:
        statuses.append(replace(OF_PROVIDER, provider=provider))
        for at in range(draw(st.integers(1, 4))):
            number = f"C{len(statuses)}X{at}"
            patient = draw(st.sampled_from([TERRY, CHARLIE]))
            claim = replace(
                draw(st.sampled_from([ACCEPTED, REJECTED])), provider=provider, patient=patient, claim_number=number,
                trace_number=number, statuses=draw(_codes), charge_cents=draw(st.integers(0, 10**9)),
            )  # fmt: skip
            statuses.append(claim)
            if draw(st.booleans()):
                statuses.append(
                    replace(BAD_LINE, provider=provider, patient=patient, claim_number=number, trace_number=number,
                            statuses=draw(_codes), charge_cents=draw(st.integers(0, 10**9)))
                )  # fmt: skip
    return replace(REPORT, statuses=tuple(statuses))


@settings(max_examples=60, deadline=None)
@given(reports())
def test_write_then_read_is_identity(report):
    assert read_back(file_of(report)) == (report, [])
