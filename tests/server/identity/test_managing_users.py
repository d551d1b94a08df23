"""Who may create people, give roles and lock out; and that nobody helps themselves."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import get_resolver

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.identity.actions import managing_users as actions
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.identity.roles import Role
from cleanclaim_server.practice.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(make_user) -> User:
    return make_user(is_user_admin=True)


def test_an_administrator_creates_a_person_who_must_change_the_password(admin, practice_a, client_for):
    form = {
        "email": "New@Example.test",
        "display_name": "New Person",
        "practice": practice_a.pk,
        "role": "biller",
    }
    page = client_for(admin).post("/users", form)
    person = User.objects.get(email="new@example.test")
    assert page.context["password"] and person.check_password(page.context["password"])
    assert person.must_change_password
    assert list(person.grants.values_list("practice_id", "role", "granted_by")) == [
        (practice_a.pk, "biller", admin.pk)
    ]
    assert list(AuditRow.objects.order_by("id").values_list("action", flat=True)) == [
        "user.created",
        "grant.given",
    ]


def test_an_address_in_use_is_refused_without_telling_more(
    admin, practice_a, foreign_practice, make_user, client_for
):
    other = make_user(of_agency=foreign_practice.agency, email="taken@example.test")
    form = {"email": other.email, "display_name": "X", "practice": practice_a.pk, "role": "biller"}
    page = client_for(admin).post("/users", form)
    assert page.context["form"].errors == {"email": ["This address cannot be used. Choose another one."]}


GIVERS = [  # giver, of their practice, may give in A, why
    ("user_admin", None, True, "administers users of the agency"),
    ("manager", "a", True, "manages the practice"),
    ("practice_owner", "a", True, "owns the practice"),
    ("manager", "b", False, "manages another practice"),
    ("biller", "a", False, "bills"),
    ("auditor", "a", False, "reads users, never writes"),
    ("nobody", None, False, "has no role"),
]


@pytest.mark.parametrize(("giver", "where", "may", "why"), GIVERS)
def test_who_gives_roles(make_user, practice_a, practice_b, giver, where, may, why):
    practices = [{"a": practice_a, "b": practice_b}[where]] if where else []
    role = giver if where else None
    acting = make_user(role, practices, is_user_admin=giver == "user_admin")
    person = make_user()
    if may:
        actions.grant_role(person, practice_a.pk, Role.CODER, acting_user=acting)
        actions.grant_role(person, practice_a.pk, Role.CODER, acting_user=acting)
        assert Grant.objects.filter(user=person).count() == 1, why
        return
    with pytest.raises(PermissionDenied):
        actions.grant_role(person, practice_a.pk, Role.CODER, acting_user=acting)
    assert not Grant.objects.filter(user=person).exists(), why


def test_nobody_gives_themselves_a_role_or_takes_their_own(make_user, admin, practice_a):
    manager = make_user("manager", [practice_a])
    for acting in (admin, manager):
        with pytest.raises(PermissionDenied):
            actions.grant_role(acting, practice_a.pk, Role.BILLER, acting_user=acting)
        for act in (actions.reset_password, actions.reset_second_factor):
            with pytest.raises(PermissionDenied):
                act(acting, acting_user=acting)
    with pytest.raises(PermissionDenied):
        actions.revoke_grant(manager.grants.get(), acting_user=manager)


def test_agencies_do_not_mix(make_user, admin, practice_a, foreign_practice):
    stranger = make_user(of_agency=foreign_practice.agency)
    for person, practice in ((stranger, practice_a), (make_user(), foreign_practice)):
        with pytest.raises(PermissionDenied):
            actions.grant_role(person, practice.pk, Role.BILLER, acting_user=admin)
    with pytest.raises(PermissionDenied):
        actions.set_active(stranger, False, acting_user=admin)


def test_a_manager_cannot_take_over_an_account_that_works_elsewhere(make_user, admin, practice_a, practice_b):
    manager = make_user("manager", [practice_a])
    here, both, boss = make_user("coder", [practice_a]), make_user("coder", [practice_a, practice_b]), admin
    actions.reset_password(here, acting_user=manager)
    for person in (both, boss, make_user()):
        with pytest.raises(PermissionDenied):
            actions.reset_password(person, acting_user=manager)


def test_a_provider_of_another_practice_cannot_be_claimed(make_user, admin, practice_a, practice_b):
    provider = Provider.objects.create(
        practice=practice_b, first_name="A", last_name="B", npi="1", taxonomy="t", credential="PhD"
    )
    with pytest.raises(PermissionDenied):
        actions.grant_role(
            make_user(), practice_a.pk, Role.CLINICIAN, acting_user=admin, provider_id=provider.pk
        )


def test_locking_out_ends_the_session_at_once(make_user, admin, practice_a, client_for):
    person = make_user("biller", [practice_a])
    theirs, mine = client_for(person), client_for(admin)
    assert theirs.get("/password").status_code == 200
    assert mine.post(f"/users/{person.pk}/disable").status_code == 302
    assert theirs.get("/password").status_code == 302
    assert mine.post(f"/users/{person.pk}/enable").status_code == 302
    assert theirs.get("/password").status_code == 302, "the old session stays ended"


def test_people_and_grants_out_of_reach_answer_404_like_absent_ones(
    make_user, practice_a, practice_b, client_for
):
    manager = make_user("manager", [practice_a])
    stranger = make_user("coder", [practice_b])
    client = client_for(manager)
    absent = "01900000-0000-7000-8000-000000000000"
    for key in (stranger.pk, absent):
        assert client.get(f"/users/{key}").status_code == 404
        assert client.post(f"/users/{key}/disable").status_code == 404
        assert (
            client.post(f"/users/{key}/roles", {"practice": practice_a.pk, "role": "biller"}).status_code
            == 404
        )
        assert client.post(f"/users/{key}/roles/{stranger.grants.get().pk}/take").status_code == 404
    page = client.get("/users")
    assert stranger.email not in page.content.decode()
    assert stranger.grants.count() == 1


def test_a_manager_sees_a_shared_persons_roles_of_their_practice_alone(
    make_user, practice_a, practice_b, client_for
):
    manager, person = make_user("manager", [practice_a]), make_user("coder", [practice_a, practice_b])
    page = client_for(manager).get(f"/users/{person.pk}")
    assert [grant.practice_id for grant in page.context["person"].shown_grants] == [practice_a.pk]


@pytest.mark.parametrize("role", [*Role, None])
def test_every_role_meets_the_users_page(make_user, practice_a, client_for, role):
    client = client_for(make_user(role.value if role else None, [practice_a] if role else []))
    expected = 200 if role in {Role.MANAGER, Role.PRACTICE_OWNER} else 403
    assert client.get("/users").status_code == expected
    if expected == 403:
        refused = AuditRow.objects.get(action="access.refused")
        assert refused.detail == {"data_class": "users", "need": "full"}


def test_every_route_names_what_it_needs():
    unnamed = [
        pattern.name
        for pattern in get_resolver("cleanclaim_server.identity.urls").url_patterns
        if not getattr(pattern.callback, "required", None)
    ]
    assert unnamed == []
