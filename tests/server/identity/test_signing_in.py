"""Both steps of signing in, every way around the second one, and guessing."""

from __future__ import annotations

import pytest
from django.contrib.auth.hashers import get_hasher
from django.test import Client, override_settings

from cleanclaim_server.audit.models import AuditRow
from cleanclaim_server.identity import second_factor, sessions
from cleanclaim_server.identity.models import GuessCount, RecoveryCode, SecondFactor

from .conftest import PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post("/sign-in", {"email": email, "password": password} | extra)


def is_in(client) -> bool:
    """Signed in means that a guarded page opens (or refuses for the role), instead of asking to sign in."""
    return client.get("/password").status_code == 200


def actions() -> list[str]:
    return list(AuditRow.objects.order_by("id").values_list("action", flat=True))


# --- the two steps ---


def test_both_steps_open_a_session(enrolled, half_signed_in):
    key_before = half_signed_in.session.session_key
    answer = half_signed_in.post("/sign-in/code", {"code": enrolled.code()})
    assert (answer.status_code, answer.url) == (302, "/")
    assert is_in(half_signed_in)
    assert half_signed_in.session.session_key != key_before, "a planted session key is worth nothing"
    assert half_signed_in.session[sessions.FACTOR] == "totp"
    assert actions() == ["session.began"]


def test_the_first_step_alone_opens_nothing(half_signed_in, enrolled):
    for path in ("/password", "/users", f"/users/{enrolled.pk}"):
        answer = half_signed_in.get(path)
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/sign-in"), path
    assert not is_in(half_signed_in)


def test_an_enrolled_user_cannot_skip_by_enrolling_again(half_signed_in, enrolled):
    secret = SecondFactor.objects.get(user=enrolled).secret
    for method in (half_signed_in.get, half_signed_in.post):
        answer = method("/sign-in/set-up")
        assert (answer.status_code, answer.url) == (302, "/sign-in/code")
    assert SecondFactor.objects.get(user=enrolled).secret == secret
    with pytest.raises(second_factor.FactorError):
        second_factor.start_enrollment(enrolled)


def test_a_session_without_the_second_step_is_ended(enrolled, clock):
    """Whatever other code path logs somebody in: the middleware asks for the factor."""
    client = Client()
    client.force_login(enrolled, backend="cleanclaim_server.identity.backend.SessionBackend")
    assert not is_in(client)
    for forged in ("demo", "email", "", None):
        client.force_login(enrolled, backend="cleanclaim_server.identity.backend.SessionBackend")
        session = client.session
        session[sessions.FACTOR], session[sessions.BEGAN], session[sessions.SEEN] = (
            forged,
            clock.now,
            clock.now,
        )
        session.save()
        assert not is_in(client), forged


def test_a_code_is_good_once(enrolled, half_signed_in, clock):
    code = enrolled.code()
    assert half_signed_in.post("/sign-in/code", {"code": code}).status_code == 302
    second = Client()
    sign_in(second, enrolled.email)
    assert second.post("/sign-in/code", {"code": code}).status_code == 200
    assert not is_in(second)
    clock.tick(30)
    assert second.post("/sign-in/code", {"code": enrolled.code()}).status_code == 302


CODES = [  # seconds between the code and its use, good, why
    (0, True, "now"),
    (29, True, "the phone is half a minute behind"),
    (61, False, "two steps ago"),
    (-30, True, "the phone is half a minute ahead"),
    (-61, False, "two steps ahead"),
]


@pytest.mark.parametrize(("seconds", "good", "why"), CODES)
def test_how_long_a_code_lives(enrolled, clock, seconds, good, why):
    clock.tick(120)
    code = enrolled.code()
    clock.tick(seconds)
    assert (second_factor.pass_second_step(enrolled, code) == "totp") is good, why


def test_an_older_code_after_a_newer_one_is_refused(enrolled, clock):
    older = enrolled.code()
    clock.tick(30)
    assert second_factor.pass_second_step(enrolled, enrolled.code()) == "totp"
    assert second_factor.pass_second_step(enrolled, older) is None


def test_a_recovery_code_is_good_once(enrolled, half_signed_in):
    code = enrolled.recovery[0]
    assert half_signed_in.post("/sign-in/code", {"code": code.upper()}).status_code == 302
    assert half_signed_in.session[sessions.FACTOR] == "recovery"
    second = Client()
    sign_in(second, enrolled.email)
    assert second.post("/sign-in/code", {"code": code}).status_code == 200
    assert not is_in(second)
    assert second_factor.unused_recovery_codes(enrolled) == 9
    assert not RecoveryCode.objects.filter(code_hash__contains=code[:5]).exists()


def test_a_code_of_another_person_is_refused(enrolled, half_signed_in, make_user):
    stranger = make_user()
    factor = second_factor.start_enrollment(stranger)
    assert factor.user_id == stranger.pk
    codes = second_factor.issue_recovery_codes(stranger)
    assert half_signed_in.post("/sign-in/code", {"code": codes[0]}).status_code == 200
    assert second_factor.pass_second_step(stranger, codes[0]) is None, "not confirmed yet"


def test_the_first_step_expires(enrolled, half_signed_in, clock):
    clock.tick(301)
    answer = half_signed_in.post("/sign-in/code", {"code": enrolled.code()})
    assert (answer.status_code, answer.url) == (302, "/sign-in")


def test_a_changed_password_ends_the_half_done_sign_in(enrolled, half_signed_in):
    enrolled.set_password("another good password here")
    enrolled.save()
    assert half_signed_in.post("/sign-in/code", {"code": enrolled.code()}).url == "/sign-in"


# --- enrolment ---


def test_enrolment_is_forced_and_shows_recovery_codes_once(make_user, practice_a, clock):
    user, client = make_user("biller", [practice_a]), Client()
    assert sign_in(client, user.email, next="/users").url == "/sign-in/set-up"
    page = client.get("/sign-in/set-up")
    assert page.context["picture"].startswith("data:image/svg+xml")
    assert client.post("/sign-in/set-up", {"code": "000000"}).context["error"]
    assert not is_in(client)
    import pyotp

    code = pyotp.TOTP(page.context["secret"]).at(int(clock.now))
    done = client.post("/sign-in/set-up", {"code": code})
    assert done.status_code == 200
    assert (len(done.context["codes"]), done.context["next"]) == (10, "/users")
    assert is_in(client)
    assert client.get("/sign-in/set-up").status_code == 302
    assert actions() == ["sign_in.failed", "second_factor.enrolled", "session.began"]


def test_only_a_demo_agency_may_go_without(make_user, practice_a, agency, clock):
    user, client = make_user("biller", [practice_a]), Client()
    agency.is_demo = True
    agency.save()
    assert sign_in(client, user.email).url == "/"
    assert is_in(client)
    agency.is_demo = False
    agency.save()
    assert not is_in(client), "no longer a demo: the session ends"


def test_the_page_after_signing_in_is_ours(make_user, practice_a, agency, clock):
    agency.is_demo = True
    agency.save()
    user = make_user("biller", [practice_a])
    targets = {
        "/users?page=2": "/users?page=2",
        "https://evil.test/": "/",
        "//evil.test": "/",
        "javascript:1": "/",
    }
    for asked, given in targets.items():
        assert sign_in(Client(), user.email, next=asked).url == given, asked


# --- guessing ---


def test_replies_do_not_tell_who_has_an_account(enrolled, make_user, clock):
    disabled = make_user(is_active=False)
    replies = set()
    for email, password in [
        (enrolled.email, "wrong"), ("nobody@example.test", "wrong"), ("nobody@example.test", PASSWORD),
        (disabled.email, PASSWORD), (disabled.email, "wrong"), ("", ""),
    ]:  # fmt: skip
        answer = sign_in(Client(), email, password)
        body = answer.content.decode().replace(email, "") if email else answer.content.decode()
        replies.add((answer.status_code, body.split("</form>")[0].split("csrfmiddlewaretoken")[0]))
    assert len(replies) == 1


def test_unknown_users_cost_a_hash_too(monkeypatch, db):
    from cleanclaim_server.identity.actions import signing_in

    hashed = []
    monkeypatch.setattr(signing_in, "make_password", lambda password: hashed.append(password) or "x")
    assert signing_in.pass_first_step("nobody@example.test", "pw", address="") is None
    assert hashed == ["pw"]


def test_ten_wrong_passwords_close_the_account_for_an_hour(enrolled, clock):
    for _ in range(10):
        sign_in(Client(), enrolled.email, "wrong")
    assert sign_in(Client(), enrolled.email).status_code == 200, "even the right one"
    reasons = list(AuditRow.objects.order_by("id").values_list("action", "detail__reason"))
    assert reasons[-2:] == [("sign_in.guessing_suspected", None), ("sign_in.failed", "throttled")]
    clock.tick(3601)
    assert sign_in(Client(), enrolled.email).url == "/sign-in/code"


def test_right_passwords_do_not_use_up_guesses(enrolled, clock):
    for _ in range(12):
        assert sign_in(Client(), enrolled.email).status_code == 302
    for _ in range(9):
        sign_in(Client(), enrolled.email, "wrong")
    assert sign_in(Client(), enrolled.email).status_code == 302
    sign_in(Client(), enrolled.email, "wrong")
    assert sign_in(Client(), enrolled.email).status_code == 200, "a success does not give ten more"


def test_ten_wrong_codes_close_the_second_step(enrolled, half_signed_in):
    for number in range(10):
        assert half_signed_in.post("/sign-in/code", {"code": f"{number:06}"}).status_code == 200
    assert half_signed_in.post("/sign-in/code", {"code": enrolled.code()}).status_code == 200
    assert not is_in(half_signed_in)


def test_spraying_from_one_address_is_slowed(make_user, clock):
    for number in range(100):
        sign_in(Client(), f"nobody{number}@example.test", "Winter2026!")
    user = make_user()
    assert sign_in(Client(), user.email).status_code == 200
    assert sign_in(Client(REMOTE_ADDR="10.1.1.1"), user.email).status_code == 302


def test_counters_hold_no_address_in_clear(enrolled, clock):
    sign_in(Client(REMOTE_ADDR="10.9.8.7"), enrolled.email, "wrong")
    keys = " ".join(GuessCount.objects.values_list("key", flat=True))
    assert enrolled.email not in keys and "10.9.8.7" not in keys


# --- the password itself ---


def test_passwords_are_kept_with_argon2(settings):
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"]):
        assert get_hasher().encode("x", "saltsaltsalt").startswith("argon2$argon2id$")


def test_a_temporary_password_must_be_changed_first(make_user, practice_a, client_for):
    user = make_user("manager", [practice_a], must_change_password=True)
    client = client_for(user)
    assert client.get("/users").url == "/password"
    refused = [
        ("short", "short"), ("123456789012", "123456789012"), (PASSWORD, PASSWORD), ("longer than twelve", "other"),
    ]  # fmt: skip
    for password, again in refused:
        answer = client.post("/password", {"password": password, "password_again": again})
        assert answer.context["errors"], password
    good = "seven purple boats rowing"
    assert client.post("/password", {"password": good, "password_again": good}).url == "/"
    assert client.get("/users").status_code == 200, "this session goes on"
    user.refresh_from_db()
    assert user.check_password(good) and not user.must_change_password
