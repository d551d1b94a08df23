"""Official files in their published layout, small and synthetic: what is read, left out and refused."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.codesets import CodeNotKnown, icd10cm, mue, places_of_service, ptp, stale, taxonomy, versions
from cleanclaim.codesets.importers import IMPORTERS, ImportRefused, Release, import_file, store
from cleanclaim.pricing import PriceNotLoaded, medicare_price
from cleanclaim_data import loader

Q4 = Release("2026Q4", date(2026, 10, 1), date(2026, 12, 31), "synthetic")
YEAR = Release("CY2026", date(2026, 1, 1), date(2026, 12, 31), "synthetic")

RVU = b"""\
2026 National Physician Fee Schedule Relative Value File July Release,,,,,,,,,,,,,,,
CPT codes and descriptions only are copyright 2025 American Medical Association,,,,,,,,,,,,,,,
,,,,NOT USED,,NON-FAC,NON-FAC,FACILITY,FACILITY,,NON-,,,,
,,,STATUS,FOR MEDICARE,WORK,PE,NA,PE,NA,MP,FACILITY,FACILITY,PCTC,GLOB,
HCPCS,MOD,DESCRIPTION,CODE,PAYMENT,RVU,RVU,INDICATOR,RVU,INDICATOR,RVU,TOTAL,TOTAL,IND,DAYS,OP
90834,,licensed words,A,,2.43,0.80,,0.18,,0.02,3.25,2.63,0,XXX,0.00
90837,,licensed words,A,,3.78,1.20,,0.25,,0.02,5.00,4.05,0,XXX,0.00
96136,TC,licensed words,A,,0.00,0.50,,0.50,NA,0.01,0.51,0.51,1,XXX,0.00
9083X,,licensed words,A,,x,0.80,,0.18,,0.02,3.25,2.63,0,XXX,0.00
not a code,,,,,,,,,,,,,,,
"""

GPCI = b"""\
ADDENDUM E. CY 2026 GEOGRAPHIC PRACTICE COST INDICES (GPCIs) BY STATE AND MEDICARE LOCALITY,,,,,,,
,,,,,,,
Medicare Administrative Contractor (MAC),State,Locality Number,Locality Name,2026 PW GPCI (without 1.0 Floor),2026 PW GPCI (with 1.0 Floor),2026 PE GPCI,2026 MP GPCI
14412,RI,01,RHODE ISLAND,1.020,1.021,1.041,0.870
10312,TN,35,TENNESSEE*,0.975,1.000,0.899,0.560
99999,RI,02,NOWHERE,1.0,1.0,88,1.0
"""

PTP = (
    b"CPT only copyright 2025 American Medical Association. All rights reserved.\r\n"
    b"Column1/Column2 Edits\r\n"
    b'Column 1\tColumn 2\t"*=in existence\nprior to 1996"\tEffective Date\t"Deletion Date\n*=no data"\t'
    b'"Modifier\n0=not allowed\n1=allowed\n9=not applicable"\tPTP Edit Rationale\r\n'
    b"90837\t90832\t\t20130101\t*\t0\tMutually exclusive procedures\r\n"
    b"90834\t90853\t\t20130101\t20260930\t1\tStandards of practice\r\n"
    b"90846\t90847\t\t20261001\t*\t1\tStandards of practice\r\n"
    b"90837\t90834\t\t20130101\t20130101\t9\tStandards of practice\r\n"
    b"27447\t27446\t\t20130101\t*\t1\tanother trade\r\n"
    b"90837\t90846\t\tsoon\t*\t1\tStandards of practice\r\n"
)

MUE = b"""\
"CPT codes copyright 2025 American Medical Association",,,
HCPCS/CPT Code,Practitioner Services MUE Values,MUE Adjudication Indicator,MUE Rationale
90837,3,3 Date of Service Edit: Clinical,Clinical: Data
90840,5,3 Date of Service Edit: Clinical,Clinical: Data
9083,2,3 Date of Service Edit: Clinical,Clinical: Data
90853,many,3 Date of Service Edit: Clinical,Clinical: Data
"""

ADDON = b"""\
Add-On Code\tType\tPrimary Code\tAOC Edit EffDt\tAOC Edit DelDt\tSpecial Instruction/Notes
90785\t1\t90791\t20130101\t\t
90785\t1\t98000\t20261001\t\t
99417\t3\tContractor Defined\t20210101\t\t
"""

ICD = (
    "\n".join(
        f"{number:05d} {code:<7} {flag} {title[:60]:<60} {title}"
        for number, (code, flag, title) in enumerate(
            [
                ("F33", 0, "Major depressive disorder, recurrent"),
                ("F331", 1, "Major depressive disorder, recurrent, moderate"),
                ("F999", 1, "A disorder that came with the next fiscal year"),
            ],
            start=1,
        )
    ).encode()
    + b"\nfootnote\n"
)

NUCC = (
    b"Code,Grouping,Classification,Specialization,Definition,Notes,Display Name,Section\n"
    b'101YM0800X,Behavioral Health,Counselor,Mental Health,"licensed words, with a comma",x,y,Individual\n'
    b"2084P0800X,Physicians,Psychiatry & Neurology,Psychiatry,licensed words,x,y,Individual\n"
    b"short,x,x,x,x,x,x,x\n"
)

POS = b"""\
Place of Service Codes for Professional Claims,,
Place of Service Code(s),Place of Service Name,Place of Service Description
1,Pharmacy,words
27,Outreach Site/Street,words
28-30,Unassigned,N/A
"""


READS = [  # kind, data, rows, left out, first row begins
    ("medicare_rvu", RVU, 3, 2, ("90834", "", "2.43", "0.80", "0.18", "0.02", "A", "XXX", "", "")),
    ("medicare_gpci", GPCI, 2, 1, ("14412", "RI", "01", "RHODE ISLAND", "1.021", "1.041", "0.870")),
    ("ptp_edits", PTP, 3, 1, ("90837", "90832", "0", "2013-01-01", "")),
    ("mue", MUE, 2, 2, ("90837", "3", "3")),
    ("addon_pairs", ADDON, 2, 1, ("90785", "90791", "type1", "2013-01-01", "")),
    ("icd10cm", ICD, 3, 1, ("F33", "0", "2026-10-01", "")),
    ("taxonomy", NUCC, 2, 1, ("101YM0800X", "Counselor, Mental Health")),
    ("places_of_service", POS, 2, 1, ("01", "Pharmacy")),
]


@pytest.mark.parametrize(("kind", "data", "rows", "left_out", "first"), READS, ids=[row[0] for row in READS])
def test_reading(kind, data, rows, left_out, first):
    imported = import_file(kind, "file", data, Q4)
    assert len(imported.rows) == rows
    assert len(imported.findings) == left_out
    assert imported.rows[0][: len(first)] == first
    assert all(len(row) == len(imported.columns) for row in imported.rows)
    assert all(finding.where.line > 0 for finding in imported.findings)
    assert "licensed words" not in str(imported.rows)


def test_every_importer_is_read_by_a_case():
    assert {row[0] for row in READS} == set(IMPORTERS)


@pytest.mark.parametrize("kind", sorted(IMPORTERS))
def test_another_layout_is_refused(kind):
    for data in (b"", b"a,b\n1,2\n", b"\xff\xfe\x00junk"):
        with pytest.raises(ImportRefused) as refusal:
            import_file(kind, "x.csv", data, Q4)
        assert refusal.value.kind == kind
        assert "Expected" in str(refusal.value)


def test_unknown_table_is_refused():
    with pytest.raises(ImportRefused, match="no such table"):
        import_file("moon_phases", "x", b"", Q4)


@pytest.fixture
def overlay(tmp_path):
    yield tmp_path
    loader.use_overlay(None)


def load(kind, data, folder, release=Q4):
    store(import_file(kind, f"{kind}.txt", data, release), folder)
    loader.use_overlay(folder)


def test_a_newer_quarter_closes_the_older(overlay):
    load("mue", MUE, overlay)
    assert mue.lookup("90837", date(2026, 9, 30)).units == 2
    assert mue.lookup("90837", date(2026, 10, 1)).units == 3
    assert mue.lookup("90840", date(2026, 10, 1)).units == 5


def test_what_is_loaded_is_visible_and_no_longer_stale(overlay):
    day = date(2026, 11, 23)
    assert "mue" in {finding.subject_id for finding in stale(day)}
    load("mue", MUE, overlay)
    version = next(version for version in versions() if version.table == "mue")
    assert (version.release, version.as_of, version.good_through) == ("2026Q4", Q4.as_of, Q4.good_through)
    assert "mue" not in {finding.subject_id for finding in stale(day)}
    assert "ptp_edits" in {finding.subject_id for finding in stale(day)}


def test_two_imports_keep_both_versions(overlay):
    load("mue", MUE, overlay)
    load("ptp_edits", PTP, overlay)
    named = {version.table: version.release for version in versions()}
    assert (named["mue"], named["ptp_edits"]) == ("2026Q4", "2026Q4")


def test_pairs_bring_their_own_dates(overlay):
    load("ptp_edits", PTP, overlay)
    assert ptp.lookup("90834", "90853", date(2026, 9, 30)) is not None
    assert ptp.lookup("90834", "90853", date(2026, 10, 1)) is None


def test_icd_release_begins_and_ends_codes(overlay):
    load("icd10cm", ICD, overlay)
    assert icd10cm.lookup("F99.9", date(2026, 10, 1)).description.startswith("A disorder")
    with pytest.raises(CodeNotKnown):
        icd10cm.lookup("F99.9", date(2026, 9, 30))
    assert icd10cm.lookup("F33.1", date(2026, 10, 1)).effective_from == date(2020, 10, 1)
    assert icd10cm.lookup("F41.1", date(2026, 9, 30)).billable
    with pytest.raises(CodeNotKnown):
        icd10cm.lookup("F41.1", date(2026, 10, 1))


def test_lists_keep_our_labels_and_gain_what_is_new(overlay):
    load("places_of_service", POS, overlay)
    load("taxonomy", NUCC, overlay)
    assert places_of_service.lookup("01", date(2026, 11, 2)).rate_class == "nonfacility"
    assert taxonomy("2084P0800X", date(2026, 11, 2)).label == "Psychiatrist"


def test_2026_prices_wait_for_the_2026_index(overlay):
    asked = {"on": date(2026, 3, 10), "mac": "14412", "locality": "01", "place_of_service": "11"}
    with pytest.raises(PriceNotLoaded, match="indices are of other years"):
        medicare_price("90837", **asked)
    load("medicare_gpci", GPCI, overlay, YEAR)
    # 3.78 x 1.021 + 1.20 x 1.041 + 0.02 x 0.870 = 5.12598; x 33.4009 = 171.2123…
    assert medicare_price("90837", **asked).amount_cents == 17121
    assert medicare_price("90837", credential="LCSW", **asked).amount_cents == 12841


def test_an_interrupted_import_leaves_the_old_table(overlay):
    load("mue", MUE, overlay)
    assert not list(overlay.rglob("*.part"))


def test_overlay_is_left_behind(overlay):
    load("mue", MUE, overlay)
    loader.use_overlay(None)
    assert mue.lookup("90837", date(2026, 10, 1)).units == 2
