"""Split roles and supersession: who pays, who authorizes, and since when."""

from __future__ import annotations

from datetime import date

import pytest

from cleanclaim.rules import RuleNotEncoded, load_rule_book, payer_roles, rule_context

BOOK = load_rule_book()


def roles(state, programme, on):
    return payer_roles(programme, rule_context(state=state), on, rules=BOOK)


def test_connecticut_claims_and_authorizations_go_to_two_places():
    found = roles("CT", "husky_health_a_b_c_d_connecticut_dss_with_gainwell", date(2026, 11, 2))
    assert found.claims_payer.startswith("Gainwell")
    assert found.authorization_payer.startswith("Carelon")
    assert found.enforceable


RHODE_ISLAND = [  # date of service, delegate
    (date(2025, 8, 31), "Optum"),
    (date(2025, 9, 1), ""),
]


@pytest.mark.parametrize(("on", "delegate"), RHODE_ISLAND)
def test_delegate_changes_on_a_date(on, delegate):
    found = roles("RI", "rite_care_rhody_health_partners_neighborhood_health_plan_of", on)
    assert found.delegate == delegate


def test_a_plan_that_does_not_run_yet_is_refused():
    with pytest.raises(RuleNotEncoded, match="NOT operating"):
        roles("GA", "georgia_families_2024_award_humana_molina_unitedhealthcare", date(2026, 11, 2))
