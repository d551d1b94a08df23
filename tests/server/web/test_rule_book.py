"""The rule book on screen: filters, the answer with what lost, the matrix, and a person's word that stops claims."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cleanclaim.rules import fingerprint, load_rule_book
from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.rulebook.actions import ConfirmationRefused, confirm_value
from cleanclaim_server.rulebook.models import RuleConfirmation
from cleanclaim_server.rulebook.queries import book_of
from cleanclaim_server.tenancy.context import tenant_context
from cleanclaim_server.web.views import shared

KNOWN = "federal.medicaid.records.billing_mco"
SOURCE = "42 CFR 438.3(u), the official text"


@pytest.fixture
def biller(make_user, practice_a):
    return make_user("biller", [practice_a])


def said(client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def form(rule_id: str, **changes) -> dict:
    rule = load_rule_book().find(rule_id)
    value = rule.values[-1]
    return {
        "starts": value.starts.isoformat(), "mark": fingerprint(rule, value), "source": SOURCE,
        "read_on": "2026-01-05",
    } | changes  # fmt: skip


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("", "all"),
        ("?state=federal&topic=prompt_pay", None),
        ("?q=no-such-words", 0),
        ("?confidence=seen", None),
    ],
)
def test_the_list_narrows(query, total, client_for, biller):
    page = said(client_for(biller), f"/rule-book{query}")
    found = re.search(r"of (?:<[^>]+>)?([\d,]+)", page[page.find('class="pager"') :]) if total != 0 else None
    if total == 0:
        assert "No rule fits" in page
    elif total is not None:
        assert found and int(found[1].replace(",", "")) == len(load_rule_book().rules)
    else:
        assert found and 0 < int(found[1].replace(",", "")) < len(load_rule_book().rules)


def test_one_rule_shows_its_sources_and_dates(client_for, biller):
    page = said(client_for(biller), f"/rule-book/rules/{KNOWN}")
    assert "10 years" in page and "42 CFR 438.3(u)" in page and "Known, not read" in page
    assert 'rel="noopener noreferrer"' in page and "Last read" in page
    assert client_for(biller).get("/rule-book/rules/no.such.rule").status_code == 404


NAMED = [  # rule, for whom
    ("payer.bluecare_tennessee.timely_filing.original_claim", "BlueCare Tennessee, medicaid"),
    ("payer.aetna.timely_filing.original_claim", "Aetna, commercial"),
    ("payer.bcbs_arizona.timely_filing.original_claim", "Arizona"),
    (
        "state.de.appeal.medicaid_mco.delaware_first_health_provider_dispute",
        "Delaware First Health, Medicaid",
    ),
    ("state.ri.appeal.medicaid_mco.tufts_provider_dispute", "Tufts Health RITogether, Medicaid"),
]


@pytest.mark.parametrize(("rule_id", "whom"), NAMED)
def test_a_payer_stands_by_name(rule_id, whom, client_for, biller):
    page = said(client_for(biller), f"/rule-book/rules/{rule_id}")
    facts = dict(re.findall(r"<dt[^>]*>([^<]+)</dt>\s*<dd[^>]*>([^<]+)</dd>", page))
    assert whom.lower() in facts["For"].lower()
    assert "_" not in facts["For"] and not re.search(r"\d{5}", facts["For"])
    ids = load_rule_book().find(rule_id).applies_to.get("payer_id")
    assert facts.get("Payer id") == ids


def test_no_list_shows_a_payer_id_for_a_name():
    book = load_rule_book()
    assert all(
        "_" not in name and not name.isdecimal() for rule in book.rules for name in book.payers_of(rule)
    )


def test_the_answer_names_the_rule_the_day_and_what_lost(client_for, biller):
    url = "/rule-book/ask?kind=prompt_pay&state=TX&payer=insured_plan&on=2026-03-02"
    page = said(client_for(biller), url)
    assert "1 April 2026" in page and "state.tx.prompt_pay.insured_plan.clean_claim_electronic" in page
    assert "Rules that were weighed" in page and "It is the most specific rule" in page


def test_interest_is_computed_to_the_cent(client_for, biller):
    """Illinois, insured plan: 9 percent a year from day 31; $1,380.00 paid 17 days late is $5.78."""
    url = "/rule-book/ask?kind=prompt_pay&state=IL&payer=insured_plan&on=2026-03-02&amount=1380.00&paid_on="
    page = said(client_for(biller), url + "2026-04-18")
    assert "$5.78" in page, re.findall(r"\$[\d.,]+", page)
    assert "cannot be read" in said(client_for(biller), url + "2026-99-18")
    tiers = url.replace("state=IL", "state=TX") + "2026-05-01"
    assert "Give what was billed" in said(client_for(biller), tiers)
    assert "$310.00" in said(client_for(biller), tiers + "&billed=2000.00"), "half of what the payer saved"


def test_what_is_not_encoded_is_said_and_not_guessed(client_for, biller):
    page = said(
        client_for(biller), "/rule-book/ask?kind=timely_filing&state=TX&payer=self_funded&on=2026-03-02"
    )
    assert "Not encoded. The book has no value" in page and "answer-day" not in page


def test_a_missing_day_is_asked_for(client_for, biller):
    page = said(
        client_for(biller), "/rule-book/ask?kind=secondary_claim&state=OH&payer=medicaid_ffs&on=2026-03-02"
    )
    assert 'name="at_' in page or "Not encoded" in page or "answer-day" in page


def test_the_matrix_shows_every_state_and_says_what_is_not_encoded(client_for, biller):
    client = client_for(biller)
    page = said(client, "/rule-book/matrix")
    assert page.count("data-open>") == 13 and "are missing" not in page
    one = said(client, "/rule-book/matrix?state=TX")
    assert "30 days" in one and "not encoded" in one
    topic = said(client, "/rule-book/matrix?topic=Prompt+pay")
    assert topic.count('<th scope="row"') == 13


def test_a_named_person_confirms_and_takes_back(client_for, biller, agency):
    client = client_for(biller)
    assert not _enforceable(agency)
    client.post(f"/rule-book/rules/{KNOWN}/confirm", form(KNOWN))
    assert _enforceable(agency)
    page = said(client, f"/rule-book/rules/{KNOWN}")
    assert f"Confirmed by <b>{biller.display_name}" in page and SOURCE in page
    assert KNOWN not in said(client, "/rule-book/uncertain?state=federal")
    client.post(f"/rule-book/rules/{KNOWN}/withdraw", form(KNOWN, source="Read the wrong paragraph"))
    assert not _enforceable(agency)
    rows = list(RuleConfirmation.objects.order_by("id").values_list("act", "made_by_name", "value_text"))
    assert rows == [
        ("confirmed", biller.display_name, "10 years"),
        ("withdrawn", biller.display_name, "10 years"),
    ]
    assert AuditRow.objects.filter(action__in=("rulebook.confirmed", "rulebook.withdrawn")).count() == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"source": "law"}, "in which document"),
        ({"mark": "0" * 64}, "changed by a release"),
        ({"starts": "1999-01-01"}, "changed by a release"),
        ({"read_on": "2099-01-01"}, "in the future"),
        ({"read_on": "soon"}, "as a date"),
    ],
)
def test_a_word_that_is_not_taken_leaves_nothing(changes, why, client_for, biller, agency):
    answer = client_for(biller).post(f"/rule-book/rules/{KNOWN}/confirm", form(KNOWN, **changes), follow=True)
    assert why in answer.content.decode()
    assert not RuleConfirmation.objects.exists() and not _enforceable(agency)


def test_who_writes_rules_in_one_practice_alone_does_not_speak_for_the_agency(
    client_for, biller, practice_b, agency
):
    answer = client_for(biller).post(f"/rule-book/rules/{KNOWN}/confirm", form(KNOWN), follow=True)
    assert "in every practice" in answer.content.decode()
    assert not _enforceable(agency)
    Grant.objects.create(user=biller, practice=practice_b, role="manager")
    client_for(biller).post(f"/rule-book/rules/{KNOWN}/confirm", form(KNOWN))
    assert _enforceable(agency)


def test_a_confirmation_of_one_agency_binds_no_other(client_for, biller, agency, other_agency):
    client_for(biller).post(f"/rule-book/rules/{KNOWN}/confirm", form(KNOWN))
    assert _enforceable(agency) and not _enforceable(other_agency)


def test_what_was_seen_needs_no_word(biller, agency, practice_a):
    rule = next(
        rule
        for rule in load_rule_book().rules
        if rule.values[-1].confidence == "seen" and rule.values[-1].value
    )
    value = rule.values[-1]
    with tenant_context(agency.pk, [practice_a.pk]), pytest.raises(ConfirmationRefused, match="needs no"):
        confirm_value(
            rule.id, value.starts, fingerprint(rule, value), source=SOURCE, read_on=date(2026, 1, 5),
            acting_user=biller, now=shared.now(), today=date(2026, 11, 23),
        )  # fmt: skip


@pytest.mark.parametrize(
    "url", ["/rule-book", "/rule-book/uncertain", "/rule-book/matrix", f"/rule-book/rules/{KNOWN}"]
)
def test_queries_are_few(url, client_for, biller):
    client = client_for(biller)
    client.get(url)
    with CaptureQueriesContext(connection) as seen:
        client.get(url)
    assert len(seen) <= 24, len(seen)


def _enforceable(agency) -> bool:
    with tenant_context(agency.pk, ()):
        rule = book_of(agency.pk).find(KNOWN)
    return rule.is_enforceable(rule.values[-1])


def test_every_rule_can_be_named_in_the_trail_and_confirmed():
    longest = max(len(rule.id) for rule in load_rule_book().rules)
    assert longest <= AuditRow._meta.get_field("subject_id").max_length
    assert longest <= RuleConfirmation._meta.get_field("rule_id").max_length
