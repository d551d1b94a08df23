"""The whole route table, every role, own and foreign records: what opens is exactly what the matrix grants."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.urls import URLPattern, URLResolver, get_resolver, path, reverse
from tests.server.web.route_table import PUBLIC, SIGNED_IN, TABLE

from cleanclaim_server.identity.models import Grant
from cleanclaim_server.identity.roles import Access, Role, cell

CHANGES = {"web:change_item": "take", "identity:change_account": "disable"}
REFUSED = (403, 404)
HEADERS = {
    "X-Frame-Options": "DENY", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}  # fmt: skip


def walk(patterns=None, namespace: str = "") -> dict[str, URLPattern]:
    """Every route of the product by its full name, all includes followed."""
    found: dict[str, URLPattern] = {}
    for one in get_resolver().url_patterns if patterns is None else patterns:
        if isinstance(one, URLResolver):
            inner = ":".join(part for part in (namespace, one.namespace or "") if part)
            found |= walk(one.url_patterns, inner)
        else:
            name = f"{namespace}:{one.name}" if namespace else str(one.name)
            assert name not in found, f"two routes are called {name}"
            found[name] = one
    return found


def undeclared(routes: dict[str, URLPattern]) -> list[str]:
    """Routes that stand in no row of the table, or ask for something else than their row says."""
    wrong = []
    for name, route in routes.items():
        asked = getattr(route.callback, "required", None)
        if name in PUBLIC:
            right = asked == "public"
        elif name in SIGNED_IN:
            right = asked == "sign_in"
        else:
            need = TABLE.get(name)
            right = need is not None and asked == (need.data_class, need.access)
        if not right:
            wrong.append(name)
    return wrong


def parameters(route: URLPattern) -> list[str]:
    pattern = route.pattern
    return list(pattern.converters) or list(
        getattr(pattern, "regex", None).groupindex if hasattr(pattern, "_regex") else []
    )


def address(name: str, route: URLPattern, records: dict) -> str:
    values = {
        key: CHANGES[name] if key == "change" else "C1" if key == "code" else str(records[key])
        for key in parameters(route)
    }
    return reverse(name, kwargs=values)


def objects(route: URLPattern) -> list[str]:
    return [key for key in parameters(route) if key.endswith("_id")]


ROUTES = walk()
GUARDED = {name: route for name, route in ROUTES.items() if name not in PUBLIC | SIGNED_IN}


# --- the table --------------------------------------------------------------------------------------


def test_every_route_is_declared_and_asks_for_what_its_row_says():
    assert undeclared(ROUTES) == []


def test_the_table_names_no_route_that_is_gone():
    assert set(TABLE) | PUBLIC | SIGNED_IN == set(ROUTES)


def test_a_planted_route_without_guard_is_caught():
    planted = path("leak/<uuid:claim_id>", lambda request, claim_id: HttpResponse("all of it"), name="leak")
    assert undeclared(walk([*get_resolver().url_patterns, planted])) == ["leak"]


def test_a_route_that_asks_for_less_than_its_row_is_caught():
    lax = lambda request: HttpResponse()  # noqa: E731
    lax.required = (TABLE["web:post"].data_class, Access.READ)
    assert undeclared({"web:post": path("x", lax, name="post")}) == ["web:post"]


# --- nobody -----------------------------------------------------------------------------------------


def test_nobody_signed_in_goes_to_the_sign_in_page(client, db):
    wrong = []
    for name in sorted(set(ROUTES) - PUBLIC):
        target = address(name, ROUTES[name], {key: uuid4() for key in parameters(ROUTES[name])})
        for answer in (client.get(target), client.post(target)):
            if (answer.status_code, answer.headers.get("Location", "").split("?")[0]) != (302, "/sign-in"):
                wrong.append((name, answer.status_code))
        if client.get(target, headers={"HX-Request": "true"}).status_code != 401:
            wrong.append((name, "fragment"))
    assert wrong == []


def test_every_answer_carries_the_walls_of_the_browser(client, db):
    for name in sorted(ROUTES):
        target = address(name, ROUTES[name], {key: uuid4() for key in parameters(ROUTES[name])})
        answer = client.get(target)
        assert {key: answer.headers.get(key) for key in HEADERS} == HEADERS, name
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy and "unsafe-inline" not in policy, name
        assert (
            "frame-ancestors 'none'" in policy and answer.headers["Cache-Control"] == "no-store, private"
        ), name


# --- roles ------------------------------------------------------------------------------------------


@pytest.fixture
def everywhere(make_user, practice_a, practice_b):
    """A person with one role in every practice of the agency."""

    def make(role: str, provider=None):
        user = make_user(role, [practice_a], provider=provider)
        Grant.objects.create(user=user, practice=practice_b, role=role)
        return user

    return make


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_what_a_role_opens_is_what_the_matrix_grants(role, everywhere, client_for, records_a):
    """Reads: no refusal where the matrix grants, nothing but refusal where it does not."""
    client = client_for(everywhere(role.value, records_a["provider"] if role is Role.CLINICIAN else None))
    wrong = []
    for name, route in GUARDED.items():
        need = TABLE[name]
        granted = cell(need.data_class, role).access >= need.access
        status = client.get(address(name, route, records_a)).status_code
        if granted == (status == 403) or (not granted and status != 403) or status >= 500:
            wrong.append((name, granted, status))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_what_a_role_may_not_do_is_refused_whatever_is_sent(role, everywhere, client_for, records_a):
    client = client_for(everywhere(role.value, records_a["provider"] if role is Role.CLINICIAN else None))
    wrong = []
    for name, route in GUARDED.items():
        need = TABLE[name]
        if cell(need.data_class, role).access < need.access:
            status = client.post(address(name, route, records_a)).status_code
            wrong += [(name, status)] if status != 403 else []
    assert wrong == []


def test_the_administrator_of_users_sees_users_and_settings_and_nothing_of_patients(
    make_user, client_for, records_a
):
    client = client_for(make_user(is_user_admin=True))
    opened = {
        name
        for name, route in GUARDED.items()
        if client.get(address(name, route, records_a)).status_code not in REFUSED
    }
    settings = {name for name, need in TABLE.items() if need.data_class.value in ("contracts", "users")}
    assert opened <= settings
    assert {"identity:users", "web:settings", "web:new_practice", "web:partners"} <= opened


# --- records of others ------------------------------------------------------------------------------


@pytest.mark.parametrize("role", list(Role), ids=lambda role: role.value)
def test_records_of_others_answer_as_records_that_never_were(
    role, make_user, client_for, practice_a, records_a, records_b, records_foreign
):
    provider = records_a["provider"] if role is Role.CLINICIAN else None
    client = client_for(make_user(role.value, [practice_a], provider=provider))
    wrong = []
    for name, route in GUARDED.items():
        if not objects(route):
            continue
        for theirs in (records_b, records_foreign):
            target = address(name, route, theirs)
            seen = [client.get(target).status_code, client.post(target).status_code]
            wrong += [(name, status) for status in seen if status not in (*REFUSED, 405)]
            wrong += [] if set(seen) & set(REFUSED) else [(name, "never refused")]
    assert wrong == []


@pytest.mark.parametrize("role", ["poster", "manager"])
def test_a_foreign_record_inside_an_own_one_is_absent(
    role, make_user, client_for, practice_a, records_a, records_b, records_foreign
):
    """Nested ids: own outside and theirs inside, and the other way round."""
    client = client_for(make_user(role, [practice_a]))
    wrong = []
    for name, route in GUARDED.items():
        keys = objects(route)
        if len(keys) < 2:
            continue
        for theirs in (records_b, records_foreign):
            for key in keys:
                for target in (
                    address(name, route, records_a | {key: theirs[key]}),
                    address(name, route, theirs | {key: records_a[key]}),
                ):
                    for answer in (client.get(target), client.post(target)):
                        if answer.status_code not in (*REFUSED, 405):
                            wrong.append((name, key, answer.status_code))
    assert wrong == []


def _bodies(mine: dict, theirs: dict, code: str) -> list[tuple[str, str, dict]]:
    """(role, address, body): own routes that are offered a foreign record."""
    own = mine["practice_id"]
    return [
        ("poster", f"/remittances/{mine['remittance_id']}/claims/{mine['answer_id']}/match", {"claim": str(theirs["claim_id"])}),
        ("poster", f"/remittances/inbox/{mine['inbox_id']}/assign", {"practice": code}),
        ("poster", f"/balances/{mine['patient_id']}/pay", {
            "amount": "5.00", "method": "cash", "received_on": "2026-11-20", "request_key": "r1",
            f"claim-{theirs['claim_id']}": "5.00"}),
        ("manager", f"/users/{mine['user_id']}/roles", {"practice": str(theirs["practice_id"]), "role": "manager"}),
        ("manager", "/users", {"practice": str(theirs["practice_id"]), "role": "manager", "email": "x@example.test", "display_name": "X"}),
        ("manager", f"/settings/practices/{own}/providers/{mine['provider_id']}", {
            "first_name": "A", "last_name": "B", "npi": "1003000126", "taxonomy": "103T00000X", "credential": "PhD",
            "supervisor": str(theirs["provider_id"]), "is_active": "1"}),
    ]  # fmt: skip


@pytest.mark.parametrize("whose", ["records_b", "records_foreign"])
def test_a_foreign_record_in_a_body_changes_nothing(
    whose, request, make_user, client_for, practice_a, records_a
):
    from cleanclaim_server.practice.models import Provider
    from cleanclaim_server.remittances.models import InboxRemittance
    from cleanclaim_server.statements.models import PatientPayment

    theirs = request.getfixturevalue(whose)
    code = {"records_b": "BB", "records_foreign": "FF"}[whose]
    before = (
        Grant.objects.count(),
        PatientPayment.objects.count(),
        Provider.objects.get(pk=records_a["provider_id"]).last_name,
    )
    for role, target, body in _bodies(records_a, theirs, code):
        client = client_for(make_user(role, [practice_a]))
        before_here = Grant.objects.count()
        answer = client.post(target, body)
        assert answer.status_code in (*REFUSED, 200, 302, 422), (target, answer.status_code)
        assert Grant.objects.count() == before_here, target
    after = (PatientPayment.objects.count(), Provider.objects.get(pk=records_a["provider_id"]).last_name)
    assert after == before[1:]
    assert InboxRemittance.objects.get(pk=records_a["inbox_id"]).state == "unassigned"


RANDOM = re.compile(r'name="csrfmiddlewaretoken" value="\w+"|"X-CSRFToken": "\w+"')
"""What is drawn for each page: long enough to hold any three letters by chance."""


@pytest.mark.parametrize("role", ["biller", "manager"])
def test_a_foreign_id_in_a_query_shows_nothing_of_it(
    role, make_user, client_for, practice_a, records_a, records_b
):
    """Lists filtered by somebody else's id are lists without it."""
    client = client_for(make_user(role, [practice_a]))
    ids = {key: str(records_b[f"{key}_id"]) for key in ("patient", "claim", "payer", "practice")}
    marks = ("CBB", "BB0001", "TBB", "BBB")  # chart number, claim number, trace number, batch of practice B
    for name, route in GUARDED.items():
        if parameters(route):
            continue
        for query in ({**ids, "practice": "BB"}, {"q": "BB"}, {"q": "CBB"}):
            answer = client.get(reverse(name), query)
            if answer.status_code != 200 or answer.streaming:
                continue
            text = RANDOM.sub("", answer.content.decode("utf-8", "replace"))
            for typed in [*query.values()]:
                text = text.replace(typed, "")
            assert not any(mark in text for mark in marks), (name, query)
