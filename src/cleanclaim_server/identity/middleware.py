"""Ends sessions that are over, before any view sees the request."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from cleanclaim_server.audit.recording import record, request_facts
from cleanclaim_server.identity import sessions
from cleanclaim_server.tenancy.context import tenant_context


class SessionLimits:
    """Idle and absolute log-off, on the server.

    Polling does not count as work: a view marked by `background_poll`, or a request with the header
    `X-Cleanclaim-Background`, leaves the idle clock alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            reason = sessions.reason_to_end(request, user)
            if reason:
                with tenant_context(user.agency_id, (), user_id=user.pk):
                    record("session.ended", "user", user.pk, reason=reason)
                logout(request)
                request.session_ended = reason  # the sign-in page says why
            else:
                facts = request_facts.get()
                if facts:
                    request_facts.set(replace(facts, user_id=user.pk))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> None:
        polls = not getattr(view, "extends_session", True) or "X-Cleanclaim-Background" in request.headers
        if request.user.is_authenticated and not polls:
            request.session[sessions.SEEN] = sessions.now()


def background_poll(view):
    """Mark a view that the page calls by itself, so that it does not keep a session alive."""
    view.extends_session = False
    return view
