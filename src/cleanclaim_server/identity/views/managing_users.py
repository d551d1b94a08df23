"""The users page: who works here, in which role, and how they are locked out."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim_server.audit.recording import record
from cleanclaim_server.identity.access import requires_user_admin
from cleanclaim_server.identity.actions import managing_users as actions
from cleanclaim_server.identity.models import Grant, User
from cleanclaim_server.identity.queries import access_user, users_visible_to
from cleanclaim_server.identity.roles import Role
from cleanclaim_server.practice.models import Practice, Provider
from cleanclaim_server.tenancy.context import tenant_context


class GrantForm(forms.Form):
    """A role in one of the practices that the acting user manages."""

    practice = forms.ModelChoiceField(Practice.objects.none())
    role = forms.ChoiceField(choices=[(role.value, role.label) for role in Role])
    provider = forms.UUIDField(required=False)

    def __init__(self, *args, practices, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practice"].queryset = practices


class NewUserForm(GrantForm):
    """A person and their first role."""

    email = forms.EmailField(max_length=254)
    display_name = forms.CharField(max_length=80)

    def clean_email(self) -> str:
        email = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("This address cannot be used. Choose another one.")
        return email


@requires_user_admin
@require_http_methods(["GET", "POST"])
def users(request: HttpRequest) -> HttpResponse:
    """List people; POST creates one and shows the temporary password once."""
    practices = _practices(request)
    form = NewUserForm(request.POST or None, practices=practices)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        user, password = actions.create_user(
            data["email"], data["display_name"], data["practice"].pk, Role(data["role"]),
            acting_user=request.user, provider_id=_provider(data),
        )  # fmt: skip
        return _show_password(request, user, password)
    managed = {practice.pk for practice in practices}
    people = list(users_visible_to(request.user, managed))
    record("user.listed", "user", count=len(people))
    return render(request, "identity/users.html", _page(practices) | {"people": people, "form": form})


@requires_user_admin
@require_GET
def user(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One person: roles and account."""
    practices = _practices(request)
    person = access_user(request.user, user_id, {practice.pk for practice in practices})
    record("user.read", "user", person.pk)
    may_manage = actions.may_manage_account(request.user, person)
    context = {"person": person, "may_manage": may_manage, "is_self": person.pk == request.user.pk}
    return render(request, "identity/user.html", _page(practices) | context)


@requires_user_admin
@require_POST
def give_role(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Give a role in a practice."""
    practices = _practices(request)
    person = _person(request, user_id)
    form = GrantForm(request.POST, practices=practices)
    if not form.is_valid():
        messages.error(request, "Choose a practice and a role from the lists.")
        return redirect("identity:user", person.pk)
    data = form.cleaned_data
    actions.grant_role(
        person, data["practice"].pk, Role(data["role"]), acting_user=request.user, provider_id=_provider(data)
    )
    return redirect("identity:user", person.pk)


@requires_user_admin
@require_POST
def take_role(request: HttpRequest, user_id: UUID, grant_id: UUID) -> HttpResponse:
    """Take a role away."""
    managed = actions.managed_practices(request.user)
    grant = (
        Grant.objects.select_related("user")
        .filter(pk=grant_id, user_id=user_id, practice_id__in=managed)
        .first()
    )
    if grant is None:
        raise Http404
    actions.revoke_grant(grant, acting_user=request.user)
    return redirect("identity:users")


@requires_user_admin
@require_POST
def change_account(request: HttpRequest, user_id: UUID, change: str) -> HttpResponse:
    """Disable, enable, reset the password or the second factor."""
    person = _person(request, user_id)
    if change == "disable":
        actions.set_active(person, False, acting_user=request.user)
    elif change == "enable":
        actions.set_active(person, True, acting_user=request.user)
    elif change == "reset-second-factor":
        actions.reset_second_factor(person, acting_user=request.user)
    elif change == "reset-password":
        return _show_password(request, person, actions.reset_password(person, acting_user=request.user))
    else:
        raise Http404
    return redirect("identity:user", person.pk)


def _practices(request: HttpRequest):
    managed = actions.managed_practices(request.user)
    return Practice.objects.filter(agency_id=request.user.agency_id, pk__in=managed).order_by("code")


def _person(request: HttpRequest, user_id: UUID) -> User:
    return access_user(request.user, user_id, actions.managed_practices(request.user))


def _page(practices) -> dict:
    """What both pages need; providers only as names, for tying a clinician to their patients."""
    ids = [practice.pk for practice in practices]
    with tenant_context(practices[0].agency_id if practices else UUID(int=0), ids):
        providers = list(
            Provider.objects.filter(practice_id__in=ids, is_active=True).order_by("last_name", "id")
        )
    return {"practices": practices, "roles": list(Role), "providers": providers}


def _provider(data: dict) -> UUID | None:
    """The chosen provider, which means something for a clinician alone."""
    return data.get("provider") if data["role"] == Role.CLINICIAN.value else None


def _show_password(request: HttpRequest, person: User, password: str) -> HttpResponse:
    return render(request, "identity/temporary_password.html", {"person": person, "password": password})
