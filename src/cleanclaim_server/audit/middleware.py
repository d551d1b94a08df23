"""Gives every request an id, and tells the audit trail who asks."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from cleanclaim_server.audit.recording import RequestFacts, request_facts
from cleanclaim_server.tenancy.models import new_id


class RequestIdentity:
    """Set a request id of our own making (a caller's header is not trusted) and send it back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = new_id()
        token = request_facts.set(RequestFacts(request.request_id))
        try:
            response = self.get_response(request)
        finally:
            request_facts.reset(token)
        response.headers["X-Request-Id"] = str(request.request_id)
        return response
