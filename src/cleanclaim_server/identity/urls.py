"""Routes of signing in and of managing users."""

from __future__ import annotations

from django.urls import path, register_converter

from cleanclaim_server.identity.views import account, managing_users, signing_in


class AccountChange:
    """The four things that can be done to an account."""

    regex = "disable|enable|reset-password|reset-second-factor"

    def to_python(self, value: str) -> str:
        return value

    to_url = to_python


register_converter(AccountChange, "account_change")

app_name = "identity"
urlpatterns = [
    path("sign-in", signing_in.sign_in, name="sign_in"),
    path("sign-in/code", signing_in.pass_second_factor, name="second_factor"),
    path("sign-in/set-up", signing_in.enroll_second_factor, name="enroll_second_factor"),
    path("sign-out", signing_in.sign_out, name="sign_out"),
    path("password", signing_in.new_password, name="new_password"),
    path("account", account.account, name="account"),
    path("account/end-others", account.end_others, name="end_others"),
    path("account/recovery-codes", account.new_codes, name="new_codes"),
    path("users", managing_users.users, name="users"),
    path("users/<uuid:user_id>", managing_users.user, name="user"),
    path("users/<uuid:user_id>/roles", managing_users.give_role, name="give_role"),
    path("users/<uuid:user_id>/roles/<uuid:grant_id>/take", managing_users.take_role, name="take_role"),
    path(
        "users/<uuid:user_id>/<account_change:change>", managing_users.change_account, name="change_account"
    ),
]
