"""The gate before every page: no form and no upload brings in a psychotherapy or SUD counseling note."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from cleanclaim.findings import Finding
from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.separate_notes import LOOKED_AT, refused_bytes, refused_text
from cleanclaim_server.tenancy.context import tenant_context

NEVER_TEXT = frozenset({"csrfmiddlewaretoken", "password", "new_password", "private_key", "passphrase"})


def guards_notes(view):
    """Mark the one view that reads notes: it refuses them itself, and lets a clinician lift a suspicion."""
    view.guards_notes = True
    return view


class SeparateNotesGate:
    """Looks at everything that is posted before a view does. A refusal is counted, and nothing of it kept."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse | None:
        if request.method in ("GET", "HEAD", "OPTIONS") or not request.user.is_authenticated:
            return None
        if getattr(view, "guards_notes", False):
            return None
        finding = next((one for one in _offered(request) if one is not None), None)
        return None if finding is None else refused(request, finding)


def refused(request: HttpRequest, finding: Finding) -> HttpResponse:
    """The answer to a note that must not be kept; the audit log gets its kind, nothing else."""
    with tenant_context(request.user.agency_id, (), user_id=request.user.pk):
        record("note.refused", "note", kind=finding.code)
        answer = render(request, "notes/refused.html", {"finding": finding}, status=422)
    toast = {"toast": {"text": f"{finding.message} Nothing was kept.", "tone": "stop"}}
    answer.headers["HX-Trigger"] = json.dumps(toast)
    return answer


def _offered(request: HttpRequest) -> Iterator[Finding | None]:
    for name, values in request.POST.lists():
        if name not in NEVER_TEXT:
            yield from (refused_text(value) for value in values)
    for _, uploads in request.FILES.lists():
        for upload in uploads:
            head = upload.read(LOOKED_AT)
            upload.seek(0)
            yield refused_bytes(head)
