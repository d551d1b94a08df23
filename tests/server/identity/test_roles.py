"""The role matrix against the handbook's table (compliance, 3.1), and the policy layer over it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import AnonymousUser

from cleanclaim_server.identity.access import allowed, practices_where, reach, tenant_for
from cleanclaim_server.identity.models import Grant
from cleanclaim_server.identity.roles import MATRIX, Access, DataClass, Limit, Role, cell
from cleanclaim_server.practice.models import Provider

# The handbook's table as it is printed. F full, R read, L limited, N none.
HANDBOOK = """
data class                                   | biller      | coder       | poster | denial specialist     | manager  | practice owner | clinician | auditor
demographics, contact                        | F           | L           | L      | R                     | R        | R              | R own     | R
SSN, full DOB                                | L           | N           | N      | L                     | L        | L              | L own     | L
coverage, eligibility                        | F           | R           | R      | R                     | R        | R              | R own     | R
claim, diagnosis, procedure                  | F           | F           | R      | F                     | R        | R              | R own     | R
encounter note excerpt that supports a claim | N           | R           | N      | L (open denial only)  | L        | L              | F own     | L (sampled)
Part 2 tagged record                         | L + consent | L + consent | L      | L + consent           | L        | L              | F own     | L
remittance, ledger                           | R           | N           | F      | R                     | R        | R              | N         | R
bank and card tokens                         | N           | N           | L      | N                     | L        | L              | N         | R masked
contracts, fee schedules                     | R           | R           | R      | R                     | F        | F              | N         | R
agency fee invoices                          | N           | N           | N      | N                     | F        | F (own)        | N         | R
audit log                                    | N           | N           | N      | N                     | R tenant | R tenant       | N         | R tenant
users and roles                              | N           | N           | N      | N                     | F        | F (own)        | N         | R
"""

LETTERS = {"F": Access.FULL, "R": Access.READ, "L": Access.LIMITED, "N": Access.NONE}
# "own" of an owner and "tenant" mean the practice of the grant, which every access is bound to anyway.
WORDS = {
    "": set(), "own": {Limit.OWN}, "+ consent": {Limit.CONSENT}, "(open denial only)": {Limit.OPEN_DENIAL},
    "(sampled)": {Limit.SAMPLED}, "masked": {Limit.MASKED}, "tenant": set(), "(own)": set(),
}  # fmt: skip


def handbook_cells():
    header, *rows = [[part.strip() for part in line.split("|")] for line in HANDBOOK.strip().splitlines()]
    roles = [Role(name.replace(" ", "_")) for name in header[1:]]
    for data_class, (_, *cells) in zip(list(DataClass)[:-2], rows, strict=True):
        for role, text in zip(roles, cells, strict=True):
            yield data_class, role, LETTERS[text[0]], WORDS[text[1:].strip()]


@pytest.mark.parametrize(("data_class", "role", "access", "limits"), list(handbook_cells()))
def test_the_matrix_is_the_handbooks(data_class, role, access, limits):
    assert cell(data_class, role) == (access, limits)


def test_billers_and_managers_write_rules_and_everybody_reads_them():
    found = {role: cell(DataClass.RULES, role) for role in Role}
    assert {role for role, one in found.items() if one.access is Access.FULL} == {Role.BILLER, Role.MANAGER}
    assert {(one.access, one.limits) for one in found.values()} == {
        (Access.FULL, frozenset()),
        (Access.READ, frozenset()),
    }


def test_who_posts_does_not_approve():
    may = {role for role in Role if cell(DataClass.APPROVALS, role).access is Access.FULL}
    assert may == {Role.MANAGER, Role.PRACTICE_OWNER}
    assert not may & {role for role in Role if cell(DataClass.LEDGER, role).access is Access.FULL}


def test_nothing_is_missing_and_an_auditor_writes_nothing():
    assert len(MATRIX) == len(DataClass) * len(Role) == 112
    assert all(cell(data_class, Role.AUDITOR).access < Access.FULL for data_class in DataClass)


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_role_reaches_exactly_its_cells_and_its_practice(role, make_user, practice_a, practice_b):
    user = make_user(role.value, [practice_a])
    for data_class in DataClass:
        granted = cell(data_class, role).access
        for need in (Access.LIMITED, Access.READ, Access.FULL):
            assert allowed(user, practice_a.pk, data_class, need) is (granted >= need)
            assert not allowed(user, practice_b.pk, data_class, need)
            assert practices_where(user, data_class, need) == ({practice_a.pk} if granted >= need else set())
        assert not allowed(user, practice_a.pk, data_class, Access.NONE), "needing nothing is no need"


@pytest.mark.django_db
def test_no_grant_is_no_access(make_user, practice_a):
    for user in (make_user(), make_user(is_user_admin=True), AnonymousUser()):
        for data_class in DataClass:
            assert not allowed(user, practice_a.pk, data_class, Access.LIMITED)


@pytest.mark.django_db
def test_a_disabled_user_has_nothing(make_user, practice_a):
    user = make_user("biller", [practice_a])
    user.is_active = False
    assert practices_where(user, DataClass.CLAIM, Access.LIMITED) == set()


@pytest.mark.django_db
def test_two_roles_give_the_wider_one_and_lift_its_limits(make_user, practice_a):
    user = make_user("clinician", [practice_a])
    assert reach(user, practice_a.pk, DataClass.CLAIM) == (reach(user, practice_a.pk, DataClass.COVERAGE))
    assert reach(user, practice_a.pk, DataClass.CLAIM).limits == {Limit.OWN}
    Grant.objects.create(user=user, practice=practice_a, role="manager")
    assert reach(user, practice_a.pk, DataClass.CLAIM).limits == set()
    assert reach(user, practice_a.pk, DataClass.NOTE_EXCERPT).limits == {Limit.OWN}


@pytest.mark.django_db
def test_a_clinicians_context_is_narrowed_to_their_own(make_user, practice_a, practice_b):
    provider = Provider.objects.create(
        practice=practice_a, first_name="Ada", last_name="Example", npi="1", taxonomy="t", credential="PhD"
    )
    user = make_user("clinician", [practice_a], provider=provider)
    Grant.objects.create(user=user, practice=practice_b, role="biller")
    tenant = tenant_for(user, DataClass.CLAIM, Access.READ)
    assert tenant.practice_ids == {practice_a.pk, practice_b.pk}
    assert (tenant.own_only, tenant.provider_ids) == ({practice_a.pk}, {provider.pk})
