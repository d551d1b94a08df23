"""The policy layer: role x practice x data class x need. Deny by default.

Grants are read from the database once for every request, so that a role that is taken away is gone with
the next click. Views say what they need with `requires`; doors and lists then filter by
`request.tenant` (`tenancy.scope.visible`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib.auth.views import redirect_to_login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone

from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.identity.roles import Access, DataClass, Limit, Role, cell
from cleanclaim_server.practice.models import Practice
from cleanclaim_server.tenancy.context import TenantContext, enter, tenant_context

Grants = dict[UUID, list[tuple[Role, UUID | None]]]
"""Practice -> its roles and, for a clinician, the provider they are."""


@dataclass(frozen=True)
class Reach:
    """What a user may do with one class of data in one practice."""

    access: Access
    limits: frozenset[Limit]


NOTHING = Reach(Access.NONE, frozenset())


def grants_of(user: User) -> Grants:
    """Read a user's grants, by practice: role and, for a clinician, the provider they are."""
    kept = getattr(user, "grants_of_request", None)
    if kept is not None:
        return kept
    grants: Grants = {}
    if not user.is_authenticated or not user.is_active:
        return grants
    rows = Grant.objects.filter(user_id=user.pk).order_by("practice_id", "role")
    for practice_id, role, provider_id in rows.values_list("practice_id", "role", "provider_id"):
        grants.setdefault(practice_id, []).append((Role(role), provider_id))
    return grants


def reach(user: User, practice_id: UUID, data_class: DataClass) -> Reach:
    """Return the user's access there and what narrows it: the widest of their roles in the practice."""
    return _widest([role for role, _ in grants_of(user).get(practice_id, [])], data_class)


def allowed(user: User, practice_id: UUID, data_class: DataClass, need: Access) -> bool:
    """Say whether the user may do this there. A narrowed access counts; see `reach` for its limits."""
    return need > Access.NONE and reach(user, practice_id, data_class).access >= need


def practices_where(user: User, data_class: DataClass, need: Access) -> set[UUID]:
    """Return the practices in which the user may do this."""
    return set(tenant_for(user, data_class, need).practice_ids)


def tenant_for(
    user: User,
    data_class: DataClass,
    need: Access,
    *,
    grants: Mapping[UUID, list[tuple[Role, UUID | None]]] | None = None,
) -> TenantContext:
    """Build the tenant context of a user for one class of data and one need.

    Practices in which a clinician may see only their own patients are marked `own_only`, those whose bank
    the user may not see `bank_hidden`.

    Args:
        user: Whose.
        data_class: The class of data.
        need: How much of it.
        grants: What `grants_of` said a moment ago, for who asks about many classes at once.
    """
    practices, own, providers, no_bank = set(), set(), set(), set()
    for practice_id, held in (grants_of(user) if grants is None else grants).items():
        widest = _widest([role for role, _ in held], data_class)
        if need is Access.NONE or widest.access < need:
            continue
        practices.add(practice_id)
        if Limit.OWN in widest.limits:
            own.add(practice_id)
            providers |= {provider for _, provider in held if provider}
        if _widest([role for role, _ in held], DataClass.BANK).access < Access.LIMITED:
            no_bank.add(practice_id)
    return TenantContext(
        user.agency_id,
        frozenset(practices),
        user.pk,
        frozenset(own),
        frozenset(providers),
        frozenset(no_bank),
    )


def requires(data_class: DataClass, need: Access, *, in_steps: bool = False) -> Callable:
    """Guard a view: signed in, and with this access in at least one practice.

    Sets `request.tenant` (the practices where the access holds) and puts it in force for the view,
    inside the request's transaction. Nobody signed in goes to the sign-in page; a person without the
    access gets the 403 page, and the refusal is recorded.

    Args:
        data_class: What the view touches.
        need: How much of it.
        in_steps: The view commits in steps of its own, so that what it kept first outlives a failure
            later. It opens each with `enter(request.tenant)`; no transaction surrounds it.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.user.must_change_password:
                return _to_new_password()
            grants = grants_of(request.user)
            tenant = tenant_for(request.user, data_class, need, grants=grants)
            if not tenant.practice_ids:
                return refuse(request, data_class.value, need.name.lower())
            request.tenant = tenant
            if in_steps:
                with timezone.override(request.user.agency.timezone):
                    return view(request, *args, **kwargs)
            with _kept(request.user, grants):
                return _inside(tenant, view, request, *args, **kwargs)

        guarded.required = (data_class, need)  # for the test that walks the route table
        return transaction.non_atomic_requests(guarded) if in_steps else guarded

    return decorate


@contextmanager
def _kept(user: User, grants: Grants) -> Iterator[None]:
    """While one request is answered its user's grants are what they were when it was let in."""
    user.grants_of_request = grants
    try:
        yield
    finally:
        del user.grants_of_request


def requires_user_admin(view: Callable) -> Callable:
    """Guard a view for those who manage users: the administrator of users, managers, practice owners."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        if request.user.must_change_password:
            return _to_new_password()
        tenant = tenant_for(request.user, DataClass.USERS, Access.FULL)
        if not (request.user.is_user_admin or tenant.practice_ids):
            return refuse(request, DataClass.USERS.value, "full")
        request.tenant = tenant
        return _inside(tenant, view, request, *args, **kwargs)

    guarded.required = (DataClass.USERS, Access.FULL)
    return guarded


def requires_set_up(need: Access) -> Callable:
    """Guard a settings view: contracts and prices by role, and administrators of users for the whole agency.

    The administrator sets practices up before anybody has a role in them. Settings name no patient.
    """

    def decorate(view: Callable) -> Callable:
        @wraps(view)
        def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.user.is_authenticated:
                return _to_sign_in(request)
            if request.user.must_change_password:
                return _to_new_password()
            tenant = set_up_reach(request.user, need)
            if not (request.user.is_user_admin or tenant.practice_ids):
                return refuse(request, DataClass.CONTRACTS.value, need.name.lower())
            request.tenant = tenant
            return _inside(tenant, view, request, *args, **kwargs)

        guarded.required = (DataClass.CONTRACTS, need)
        return guarded

    return decorate


def set_up_reach(user: User, need: Access) -> TenantContext:
    """The practices whose settings this person may read or change."""
    tenant = tenant_for(user, DataClass.CONTRACTS, need)
    if not user.is_user_admin:
        return tenant
    everyone = Practice.objects.filter(agency_id=user.agency_id).values_list("id", flat=True)
    return TenantContext(user.agency_id, frozenset(everyone), user.pk)


def may_set_up_agency(user: User) -> bool:
    """Whether this person may change what all practices share: payers, trading partners, the sender's
    name.
    """
    if user.is_user_admin:
        return True
    mine = tenant_for(user, DataClass.CONTRACTS, Access.FULL).practice_ids
    everyone = set(Practice.objects.filter(agency_id=user.agency_id).values_list("id", flat=True))
    return bool(everyone) and everyone <= mine


def requires_sign_in(view: Callable) -> Callable:
    """Guard a view that shows nothing but the person's own account."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _to_sign_in(request)
        request.tenant = TenantContext(request.user.agency_id, user_id=request.user.pk)
        return _inside(request.tenant, view, request, *args, **kwargs)

    guarded.required = "sign_in"
    return guarded


def public(view: Callable) -> Callable:
    """Mark a view that needs nobody: sign-in and health. Everything else must name its need."""
    view.required = "public"
    return view


def refuse(request: HttpRequest, data_class: str, need: str) -> HttpResponse:
    """Answer 403 with a page, and record the refusal (the answer is normal, so that the record stays)."""
    from cleanclaim_server.identity.pages import forbidden

    with tenant_context(request.user.agency_id, (), user_id=request.user.pk):
        route = request.resolver_match.view_name if request.resolver_match else ""
        record("access.refused", "route", route, data_class=data_class, need=need)
        return forbidden(request)


def _inside(tenant: TenantContext, view: Callable, request: HttpRequest, *args, **kwargs) -> HttpResponse:
    # People read the agency's clock, wherever they sit; the database keeps UTC.
    with enter(tenant), timezone.override(request.user.agency.timezone):
        response = view(request, *args, **kwargs)
        # A lazy template would be rendered outside the transaction, where the tenant is gone.
        if callable(getattr(response, "render", None)) and not getattr(response, "is_rendered", True):
            response = response.render()
        return response


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page, and back here after it. For a fragment the whole page moves there."""
    if request.headers.get("HX-Request") != "true":
        return _saying_why(request, redirect_to_login(request.get_full_path()))
    page = urlsplit(request.headers.get("HX-Current-URL", ""))
    answer = _saying_why(
        request, redirect_to_login(page.path + (f"?{page.query}" if page.query else "") or "/")
    )
    return HttpResponse(status=401, headers={"HX-Redirect": answer.url})


def _saying_why(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """Carry to the sign-in page why a session ended; the session itself is gone."""
    reason = getattr(request, "session_ended", "")
    if not reason:
        return answer
    return HttpResponseRedirect(f"{answer.url}{'&' if '?' in answer.url else '?'}ended={reason}")


def _to_new_password() -> HttpResponse:
    from django.shortcuts import redirect

    return redirect("identity:new_password")


def _widest(roles: list[Role], data_class: DataClass) -> Reach:
    cells = [cell(data_class, role) for role in roles]
    if not cells:
        return NOTHING
    access = max(one.access for one in cells)
    limits = [one.limits for one in cells if one.access is access]
    return Reach(access, frozenset.intersection(*limits))  # a role without the limit lifts it
