"""Rules that billers write: saved as versions after a trial, applied by the intake, never to what has left."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import DatabaseError, transaction

from cleanclaim.claim import decode_claim
from cleanclaim.edits.practice_rules import read_rule, rule_hash
from cleanclaim_server.claimrules.actions import RuleRefused, save_rule, switch_rule
from cleanclaim_server.claimrules.models import RuleRepair, RuleState, RuleVersion
from cleanclaim_server.claimrules.queries import versions, versions_in_force
from cleanclaim_server.claimrules.replaying import past_claims, try_rule
from cleanclaim_server.claims.models import Claim, ClaimEvent, ClaimFinding, ClaimHold
from cleanclaim_server.cycle.intake import recheck_claims
from cleanclaim_server.remittances.models import RemittanceClaim

NOW = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)


def document(action: dict, *conditions: dict, name: str = "A rule"):
    return read_rule(
        {
            "name": name,
            "conditions": list(conditions) or [{"field": "code", "operator": "is", "values": ["90837"]}],
            "action": action,
        }
    )


ADD_95 = document({"kind": "add_modifier", "value": "95"})
STOP = document({"kind": "stop", "message": "This payer wants paper"})
PLACE = document(
    {"kind": "set", "field": "place_of_service", "value": "10"},
    {"field": "place_of_service", "operator": "is", "values": ["11"]},
)


@pytest.fixture
def biller(make_user, practice_a):
    return make_user("biller", [practice_a])


@pytest.fixture
def inside(tenant, practice_a):
    with tenant(practice_a):
        yield


@pytest.fixture
def save(biller, practice_a, inside):
    def save(written, **more):
        settings = {"tried": rule_hash(written), "acting_user": biller, "now": NOW, "today": TODAY, **more}
        return save_rule(written, practice_a, **settings)

    return save


def check(practice, *claims: Claim) -> list[Claim]:
    recheck_claims(practice, [claim.pk for claim in claims], now=NOW, today=TODAY)
    return list(Claim.objects.filter(pk__in=[claim.pk for claim in claims]).order_by("claim_number"))


def said(claim: Claim) -> list[tuple[str, str]]:
    rows = ClaimFinding.objects.filter(claim=claim, code__startswith="practice_rules").order_by(
        "code", "line_number"
    )
    return [(row.code, row.severity) for row in rows]


# --- saving ----------------------------------------------------------------------------------------


def test_a_rule_is_numbered_versioned_and_told(save, practice_a, biller):
    first, second = save(ADD_95), save(STOP)
    assert [(row.rule.number, row.number, row.state) for row in (first, second)] == [
        (1, 1, "on"),
        (2, 1, "on"),
    ]
    assert first.sentence == "When the line’s code is 90837: add modifier 95 to the line."
    assert (first.made_by, first.made_by_name, first.made_at) == (biller.pk, "Person 1", NOW)
    again = save(STOP, rule=first.rule, based_on=1)
    off = switch_rule(first.rule, RuleState.OFF, acting_user=biller, now=NOW)
    assert [(row.number, row.state) for row in versions(first.rule)] == [(3, "off"), (2, "on"), (1, "on")]
    assert again.document != first.document and off.document == again.document
    assert [row.key for row in versions_in_force([practice_a.pk])[practice_a.pk]] == ["2.1"]


def test_an_untried_or_changed_rule_is_refused(save):
    with pytest.raises(RuleRefused, match="Try the rule"):
        save(ADD_95, tried="")
    with pytest.raises(RuleRefused, match="Try the rule"):
        save(ADD_95, tried=rule_hash(STOP))
    assert RuleVersion.objects.count() == 0


def test_two_authors_do_not_overwrite_each_other(save):
    first = save(ADD_95)
    save(STOP, rule=first.rule, based_on=1)
    with pytest.raises(RuleRefused, match="in the meantime"):
        save(PLACE, rule=first.rule, based_on=1)
    assert versions(first.rule)[0].number == 2


@pytest.mark.parametrize("role", ["coder", "poster", "denial_specialist", "practice_owner", "auditor"])
def test_others_do_not_write(role, save, make_user, practice_a):
    with pytest.raises(RuleRefused, match="billers and managers"):
        save(ADD_95, acting_user=make_user(role, [practice_a]))


def test_a_manager_writes_only_in_his_practices(save, make_user, practice_a, practice_b):
    assert save(ADD_95, acting_user=make_user("manager", [practice_a])).number == 1
    with pytest.raises(RuleRefused):
        save(ADD_95, acting_user=make_user("manager", [practice_b]))


def test_versions_are_never_changed(save):
    version = save(ADD_95)
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleVersion.objects.filter(pk=version.pk).update(name="Other")
    with pytest.raises(DatabaseError), transaction.atomic():
        version.delete()


# --- the trial -------------------------------------------------------------------------------------


def test_the_trial_counts_the_past_and_what_it_was_paid(
    make_claims, make_remittance_rows, practice_a, inside
):
    claims = make_claims(4)
    make_remittance_rows(claims[0], 9000, "paid")
    make_remittance_rows(claims[1], 0, "denied")
    found, past = try_rule(ADD_95, [practice_a.pk], today=TODAY)
    assert (found.looked_at, found.changed, found.charge_cents, found.paid_cents) == (4, 4, 4 * 31000, 9000)
    assert [(share.label, share.claims) for share in found.outcomes] == [
        ("paid", 1),
        ("denied", 1),
        ("not_sent", 2),
    ]
    assert set(past.claim_ids) == {claim.pk for claim in claims}
    assert not {"patient_last_name", "subscriber_line1"} & set(past.frames.claims.columns)


def test_claims_older_than_twelve_months_are_not_looked_at(make_claims, practice_a, inside):
    older, old = make_claims(2)
    Claim.objects.filter(pk=older.pk).update(date_of_service=date(2025, 11, 22))
    Claim.objects.filter(pk=old.pk).update(date_of_service=date(2025, 11, 23))
    assert past_claims([practice_a.pk], today=TODAY).claim_ids == [old.pk]


def test_the_past_is_read_again_when_a_claim_changed(make_claims, practice_a, inside):
    make_claims(1)
    first = past_claims([practice_a.pk], today=TODAY)
    assert past_claims([practice_a.pk], today=TODAY) is first
    make_claims(1)
    assert len(past_claims([practice_a.pk], today=TODAY).claim_ids) == 2


@pytest.fixture
def make_remittance_rows(partner, agency, practice_a):
    from cleanclaim_server.clearinghouse.models import StoredFile
    from cleanclaim_server.remittances.models import Remittance

    made = 0

    def make(claim: Claim, paid_cents: int, state: str) -> RemittanceClaim:
        nonlocal made
        made += 1
        file = StoredFile.objects.create(
            agency=agency, name=f"{made}.835", direction="in", partner=partner, content=b"x", sha256=f"{made:064}", size=1,
            kind="835", practice_ids=[str(practice_a.pk)], received_at=NOW,
        )  # fmt: skip
        remittance = Remittance.objects.create(
            practice=practice_a, file=file, transaction="0001", payer_name="P", trace_number=f"T{made}", trace_payer_id="1",
            paid_cents=paid_cents, content_hash="0" * 64, state="posted", received_at=NOW,
        )  # fmt: skip
        Claim.objects.filter(pk=claim.pk).update(payer_state=state)
        return RemittanceClaim.objects.create(
            practice=practice_a, remittance=remittance, number=1, claim=claim, claim_number=claim.claim_number, status="1",
            charge_cents=claim.total_charge_cents, paid_cents=paid_cents,
        )  # fmt: skip

    return make


# --- the intake ------------------------------------------------------------------------------------


def test_a_repair_changes_the_claim_shows_its_diff_and_stays_told(save, make_claims, practice_a):
    version = save(ADD_95, rule=None)
    (claim,) = check(practice_a, *make_claims(1))
    value = decode_claim(claim.frozen)
    assert {line.code: line.modifiers[-1:] for line in value.lines}["90837"] == ("95",)
    repair = RuleRepair.objects.get()
    assert (repair.version_id, repair.claim_id, repair.field, repair.after.split()[-1]) == (
        version.pk,
        claim.pk,
        "modifiers",
        "95",
    )
    assert said(claim) == [("practice_rules.1.1", "tell")]
    event = ClaimEvent.objects.get(claim=claim, title__startswith="Rule 1")
    assert "→" in event.detail and event.actor_kind == "rule"
    (again,) = check(practice_a, claim)
    assert (RuleRepair.objects.count(), said(again)) == (1, [("practice_rules.1.1", "tell")])
    assert bytes(again.frozen) == bytes(claim.frozen)


def test_a_stop_holds_the_claim_with_its_words(save, make_claims, practice_a):
    save(STOP)
    (claim,) = check(practice_a, *make_claims(1))
    assert (claim.lifecycle, said(claim)) == ("held", [("practice_rules.1.1", "stop")])
    assert (
        ClaimFinding.objects.get(claim=claim, code="practice_rules.1.1").message == "This payer wants paper."
    )


def test_a_route_names_the_owner_of_the_hold(save, make_claims, practice_a):
    everything = {"field": "line_count", "operator": "over", "values": ["0"]}
    save(document({"kind": "route", "role": "coder"}, everything))
    claims = make_claims(1)
    check(practice_a, *claims)
    hold = ClaimHold.objects.get(claim=claims[0], released_at__isnull=True, cause__in=("edit", "override"))
    assert hold.owner_role == "coder"


def test_a_change_of_place_waits_for_a_person_and_their_reason_lasts(save, make_claims, practice_a, biller):
    from cleanclaim_server.cycle.intake import override_finding

    save(PLACE)
    (claim,) = check(practice_a, *make_claims(1))
    assert (claim.lifecycle, claim.place_of_service) == ("held", "10")
    finding = ClaimFinding.objects.get(claim=claim, code="practice_rules.1.1")
    assert (finding.severity, finding.facts["before"], finding.facts["after"]) == (
        "stop_unless_overridden",
        "11",
        "10",
    )
    override_finding(finding, reason="Payer confirmed by phone", now=NOW, today=TODAY, actor_id=biller.pk)
    check(practice_a, claim)
    finding = ClaimFinding.objects.get(claim=claim, code="practice_rules.1.1")
    assert (finding.overridden_by, finding.override_reason) == (biller.pk, "Payer confirmed by phone")


@pytest.mark.parametrize(
    "fields", [{"lifecycle": "sent", "first_sent_at": NOW}, {"lifecycle": "held", "first_sent_at": NOW}]
)
def test_a_claim_that_left_is_never_touched(fields, save, make_claims, practice_a):
    (claim,) = make_claims(1, **fields)
    before = bytes(claim.frozen)
    save(ADD_95)
    save(PLACE)
    check(practice_a, claim)
    claim = Claim.objects.get(pk=claim.pk)
    assert (bytes(claim.frozen), claim.place_of_service, RuleRepair.objects.count()) == (before, "11", 0)
    assert said(claim) == []


def test_a_rule_that_is_off_does_nothing(save, make_claims, practice_a, biller):
    version = save(STOP)
    switch_rule(version.rule, RuleState.OFF, acting_user=biller, now=NOW)
    (claim,) = check(practice_a, *make_claims(1))
    assert said(claim) == []


def test_the_rules_of_another_practice_do_nothing(
    save, make_claims, practice_a, practice_b, make_user, tenant
):
    with tenant(practice_a, practice_b):
        other = make_user("biller", [practice_b])
        save_rule(STOP, practice_b, tried=rule_hash(STOP), acting_user=other, now=NOW, today=TODAY)
        (claim,) = check(practice_a, *make_claims(1))
        assert said(claim) == []


def test_a_stored_rule_that_nobody_understands_asks_a_person(save, make_claims, practice_a):
    version = save(STOP)
    strange = {**version.document, "conditions": [{"field": "moon", "operator": "is", "values": ["full"]}]}
    RuleVersion.objects.create(
        practice=practice_a,
        rule=version.rule,
        number=2,
        state="on",
        name="Strange",
        document=strange,
        sentence="?",
        made_at=NOW,
    )
    (claim,) = check(practice_a, *make_claims(1))
    assert said(claim) == [("practice_rules.1.2.unreadable", "stop_unless_overridden")]
    assert claim.lifecycle == "held"


def test_a_hold_until_a_day_ends_on_that_day(save, make_claims, practice_a):
    from datetime import timedelta

    from cleanclaim_server.cycle.intake.due import release_due

    save(document({"kind": "hold_until", "until": "2026-11-25", "message": "Credentialing"}))
    (claim,) = check(practice_a, *make_claims(1))
    assert said(claim) == [("practice_rules.1.1", "stop_unless_overridden")]
    assert release_due({practice_a.pk}, now=NOW + timedelta(days=1)) == 0
    assert release_due({practice_a.pk}, now=NOW + timedelta(days=2)) == 1
    assert said(claim) == []
