"""Public sample files: each gives a result, the good ones no stop, the planted faults are found."""

from __future__ import annotations

import csv
import re
import time

import pytest

from cleanclaim.money import usd
from cleanclaim.x12.ack import acknowledge_groups, acknowledge_interchanges
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.report import envelope_findings
from cleanclaim.x12.validate import validate


def rows(folder, name):
    with open(folder / name, newline="") as table:
        return list(csv.DictReader(table))


def all_findings(file, reports):
    return envelope_findings(file) + [one for report in reports for one in report.findings]


def test_every_sample_gives_a_result_in_under_a_second(samples_dir):
    checked = 0
    for row in rows(samples_dir, "MANIFEST.csv"):
        begun = time.perf_counter()
        file = read_x12((samples_dir / row["file"]).read_bytes())
        reports = validate(file)
        acknowledge_groups(file, reports)
        acknowledge_interchanges(file)
        checked += 1
        assert file.interchanges or file.findings, row["file"]
        assert time.perf_counter() - begun < 5, row["file"]  # one second on a quiet machine
    assert checked == 183


def test_files_called_valid_have_no_stop(samples_dir):
    clean = 0
    for row in rows(samples_dir, "MANIFEST.csv"):
        if not row["valid_by_pyx12"].startswith("yes") or row["file"].startswith("bad/"):
            continue
        file = read_x12((samples_dir / row["file"]).read_bytes())
        stops = [one for one in all_findings(file, validate(file)) if one.severity.stops]
        assert stops == [], (row["file"], [(one.code, one.where) for one in stops])
        clean += 1
    assert clean >= 33


NEGATIVE_ROWS = 19


def test_planted_faults_are_found_once_with_their_answer(samples_dir):
    agreed = 0
    negatives = rows(samples_dir, "NEGATIVES.csv")
    assert len(negatives) == NEGATIVE_ROWS
    for row in negatives:
        file = read_x12((samples_dir / row["file"]).read_bytes())
        stops = [one for one in all_findings(file, validate(file)) if one.severity.stops]
        if row["answer_by"] == "none":
            assert stops == [], row["file"]
            agreed += 1
            continue
        assert len(stops) == 1, (row["file"], [one.code for one in stops])
        (finding,) = stops
        place = dict(part.split("=") for part in row["where"].split())
        assert str(finding.where.segment_index) == place.get("pos", str(finding.where.segment_index)), row[
            "file"
        ]
        assert finding.where.loop == place.get("loop", finding.where.loop), row["file"]
        if "el" in place:
            assert int(finding.where.element[-2:]) == int(place["el"]), row["file"]
        for column, key in (("ik304", "ik3"), ("ik403", "ik4"), ("ta1_05", "ta1")):
            if row[column]:
                assert finding.ack[key] in row[column].split("|"), (row["file"], column)
        agreed += 1
    assert agreed == NEGATIVE_ROWS


COUNTED = {"n_CLM": "CLM", "n_CLP": "CLP", "n_SVC": "SVC", "n_SV1": "SV1", "n_SV2": "SV2", "n_CAS": "CAS",
           "n_PLB": "PLB", "n_HL": "HL", "n_STC": "STC", "n_TRN": "TRN", "n_AK2": "AK2", "n_IK3": "IK3",
           "n_EQ": "EQ", "n_UM": "UM"}  # fmt: skip
SUMMED = {"sum_CLM02": ("CLM", 2), "sum_SV102": ("SV1", 2), "sum_CLP03": ("CLP", 3), "sum_CLP04": ("CLP", 4),
          "sum_CLP05": ("CLP", 5), "sum_SVC03": ("SVC", 3)}  # fmt: skip


def test_facts_of_the_manifest_are_reproduced(samples_dir):
    facts_checked = 0
    for row in rows(samples_dir, "MANIFEST.csv"):
        if row["file"].startswith("bad/") or row["kind"] in ("ta1", "mixed"):
            continue
        file = read_x12((samples_dir / row["file"]).read_bytes())
        transactions = list(file.transactions())
        segments = [segment for one in transactions for segment in one.segments]
        facts = dict(re.findall(r"(\w+)=(\S+)", row["key_facts"]))
        for name, value in facts.items():
            if name == "tx":
                assert len(transactions) == int(value), row["file"]
            elif name in COUNTED:
                assert sum(one.id == COUNTED[name] for one in segments) == int(value), (row["file"], name)
            elif name in SUMMED:
                segment_id, element = SUMMED[name]
                amounts = [one.get(element) for one in segments if one.id == segment_id]
                assert sum(usd(one) for one in amounts if one) == usd(value), (row["file"], name)
            else:
                continue
            facts_checked += 1
    assert facts_checked >= 400


@pytest.mark.parametrize("kind", ["837p", "835", "277ca", "999"])
def test_claims_are_counted_as_the_manifest_does(samples_dir, kind):
    for row in rows(samples_dir, "MANIFEST.csv"):
        if row["kind"] == kind and not row["file"].startswith("bad/"):
            reports = validate(read_x12((samples_dir / row["file"]).read_bytes()))
            assert sum(report.claims for report in reports) == int(row["n_claims"]), row["file"]
