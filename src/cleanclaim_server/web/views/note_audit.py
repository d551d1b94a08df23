"""The audit of a note on screen: findings point at their words; the text goes with the answer, unkept."""

from __future__ import annotations

import itertools
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from cleanclaim.coding.notes import NoteAudit, refuse_separate_note, spans_of
from cleanclaim_server.audit import record
from cleanclaim_server.cycle.handling.auditing import audit_session_note, codes_of, read_values
from cleanclaim_server.encounters.access import access_encounter
from cleanclaim_server.encounters.queries import note_readings
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.separate_notes import guards_notes, refused
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.note_files import NoteUnreadable, read_note
from cleanclaim_server.web.views.rows import session_row

LARGEST = 60_000
QUOTES = 3
"""Places that a finding quotes; the rest is marked in the text."""
WORDS = {
    "clean": ("Nothing is missing", "ok"),
    "warn": ("Something to tell", "tell"),
    "stop": ("To be mended", "stop"),
}
READ = ("start", "stop", "minutes", "modality", "group_size")


@guards_notes
@sensitive_post_parameters("text", "other")
@requires(DataClass.NOTE_EXCERPT, Access.READ)
@require_http_methods(["GET", "POST"])
@sensitive_variables("text", "other")
def note_audit(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """Paste or upload a note; the answer highlights what each finding rests on."""
    one = access_encounter(request.tenant, session_id)
    form: dict[str, Any] = {"error": "", "released": request.POST.get("released") == "1"}
    result = None
    if request.method == "POST":
        text, error = _text(request)
        other = request.POST.get("other", "")[:LARGEST]
        refusal = refuse_separate_note(other) if other.strip() else None
        if refusal is not None:
            return refused(request, refusal)
        if error:
            form["error"] = error
        else:
            found = audit_session_note(
                one,
                text,
                acting_user=request.user,
                now=shared.now(),
                today=shared.today(request),
                other=other,
                released=form["released"],
            )
            if found.row is None:
                return refused(request, found.audit.findings[0])
            result = drawn(text, found.audit) | {"held": found.held}
    else:
        record("note.form_opened", "encounter", one.pk, practice_id=one.practice_id)
    context = {
        "today": shared.today(request),
        "session": session_row(one, shared.marks(request)),
        "codes": codes_of(one),
        "form": form,
        "result": result,
        "earlier": note_readings(one),
    }
    return render(request, "notes/audit.html", context, status=400 if form["error"] else 200)


def _text(request: HttpRequest) -> tuple[str, str]:
    """The text, pasted or from a file, or what is wrong with it."""
    text = request.POST.get("text", "")
    upload = request.FILES.get("file")
    if upload and not text.strip():
        try:
            text = read_note(upload)
        except NoteUnreadable as problem:
            return "", str(problem)
    if not text.strip():
        return "", "Paste the note, or choose a file."
    if len(text) > LARGEST:
        return "", f"The note has more than {LARGEST:,} characters. Give the note of one session."
    return text.replace("\r\n", "\n"), ""


def drawn(text: str, audit: NoteAudit) -> dict[str, Any]:
    """The answer for `notes/audit.html`: the text in parts, each with the findings that rest on it."""
    findings = [
        {
            "number": number,
            "finding": finding,
            "spans": spans_of(finding),
            "quotes": [_quote(text[first:last]) for first, last in spans_of(finding)[:QUOTES]],
            "more": max(0, len(spans_of(finding)) - QUOTES),
        }
        for number, finding in enumerate(audit.findings, start=1)
    ]
    word, tone = WORDS[audit.result]
    read = read_values(audit)
    return {
        "word": word,
        "tone": tone,
        "read": [(name.replace("_", " "), read[name]) for name in READ if name in read],
        "parts": _parts(text, findings, audit),
        "findings": findings,
        "not_checked": audit.not_checked,
    }


def _quote(words: str) -> str:
    """What a finding rests on, on one line; the middle of a long stretch is left out."""
    plain = " ".join(words.split())
    return plain if len(plain) <= 160 else f"{plain[:110]} … {plain[-40:]}"


def _parts(text: str, findings: list[dict], audit: NoteAudit) -> list[dict[str, Any]]:
    """Cut the text wherever the evidence of a finding, or of an element, begins or ends."""
    shows = [
        (first, last, name.replace("_", " "))
        for name, spans in audit.evidence.items()
        for first, last in spans
    ]
    cuts = {0, len(text)}
    for one in findings:
        cuts |= {place for span in one["spans"] for place in span}
    cuts |= {place for first, last, _ in shows for place in (first, last)}
    places = sorted(place for place in cuts if 0 <= place <= len(text))
    parts = []
    for first, last in itertools.pairwise(places):
        numbers = [
            one["number"] for one in findings if any(a <= first and last <= b for a, b in one["spans"])
        ]
        stops = any(findings[number - 1]["finding"].severity.stops for number in numbers)
        shown = ", ".join(dict.fromkeys(name for a, b, name in shows if a <= first and last <= b))
        parts.append(
            {
                "text": text[first:last],
                "numbers": numbers,
                "tone": "stop" if stops else "tell",
                "shown": shown,
            }
        )
    return parts
