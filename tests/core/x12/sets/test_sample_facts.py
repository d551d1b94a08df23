"""What the list of samples says of eligibility, status, authorization and 837I files, counted in typed records."""

from __future__ import annotations

import csv
import re
from collections import Counter

import pytest

from cleanclaim.money import usd
from cleanclaim.x12.index import read_x12
from cleanclaim.x12.sets import read_typed
from cleanclaim.x12.sets.authorization import AuthorizationAnswer
from cleanclaim.x12.sets.eligibility import benefit_rows, rejection_rows
from cleanclaim.x12.sets.status_request import asked_claims


def count_270(question):
    found = Counter()
    for source in question.sources:
        for receiver in source.receivers:
            people = [one for sub in receiver.subscribers for one in (sub, *sub.dependents)]
            found["n_HL"] += 1 + len(people)
            found["n_TRN"] += sum(len(one.traces) for one in people)
            found["n_EQ"] += sum(len(one.inquiries) for one in people)
        found["n_HL"] += 1
    return found


def count_271(answer):
    found = Counter(n_AAA=len(rejection_rows(answer)))
    for source in answer.sources:
        for receiver in source.receivers:
            people = [one for sub in receiver.subscribers for one in (sub, *sub.dependents)]
            benefits = [benefit for one in people for benefit in one.benefits]
            found["n_HL"] += 1 + len(people)
            found["n_EB"] += len(benefits)
            found["n_MSG"] += sum(len(benefit.messages) for benefit in benefits)
        found["n_HL"] += 1
    assert len(benefit_rows(answer)) >= found["n_EB"]
    return found


def count_276(question):
    claims = [row.claim for row in asked_claims(question)]
    found = Counter(n_TRN=len(claims), n_SVC=sum(len(one.lines) for one in claims))
    for payer in question.payers:
        for receiver in payer.receivers:
            for group in receiver.groups:
                found["n_HL"] += 1 + sum(1 + len(one.dependents) for one in group.subscribers)
            found["n_HL"] += 1
        found["n_HL"] += 1
    return found


def count_278(content):
    reviewed = [one for event in content.events for one in (event, *event.services)]
    parties = [content.reviewer, *content.requesters, content.subscriber, content.dependent, *content.events]
    rejections = [one for party in parties if party for one in party.rejections]
    if isinstance(content, AuthorizationAnswer):
        rejections += content.reviewer_rejections
    levels = [content.reviewer, content.requesters, content.subscriber, content.dependent, *reviewed]
    return Counter(
        n_UM=sum(one.review is not None for one in reviewed),
        n_HCR=sum(one.decision is not None for one in reviewed),
        n_AAA=len(rejections),
        n_HL=sum(bool(one) for one in levels),
    )


def count_837i(claims):
    claims = [one.claim for one in claims]
    levels = {("20", one.billing_provider.position) for one in claims}
    levels |= {("22", one.subscriber.position) for one in claims}
    levels |= {("23", one.patient.position) for one in claims if one.patient}
    lines = [line for one in claims for line in one.lines]
    return Counter(
        n_CLM=len(claims), sum_CLM02=sum(one.total_charge_cents for one in claims), n_SV2=len(lines),
        sum_SV203=sum(line.charge_cents for line in lines), n_HL=len(levels),
    )  # fmt: skip


COUNTS = {"270": count_270, "271": count_271, "276": count_276, "278": count_278, "837i": count_837i}
OTHER_GUIDE = {"278/cosyte__278-response__d15266.edi"}  # 005010X216: notification, of which we have no guide


@pytest.mark.parametrize("kind", COUNTS)
def test_facts_of_the_samples_are_in_the_typed_records(samples_dir, kind):
    with (samples_dir / "MANIFEST.csv").open() as table:
        rows = [
            row for row in csv.DictReader(table) if row["kind"] == kind and row["file"] not in OTHER_GUIDE
        ]
    checked = 0
    for row in rows:
        counted = Counter()
        for transaction in read_x12((samples_dir / row["file"]).read_bytes()).transactions():
            content, _ = read_typed(transaction)
            counted.update(COUNTS[kind](content))
        for name, value in re.findall(r"((?:n|sum)_\w+)=(\S+)", row["key_facts"]):
            expected = usd(value) if name.startswith("sum_") else int(value)
            assert counted[name] == expected, (row["file"], name)
            checked += 1
    assert checked >= {"270": 24, "271": 32, "276": 12, "278": 16, "837i": 12}[kind]
