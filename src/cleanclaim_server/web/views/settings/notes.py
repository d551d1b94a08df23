"""Which findings of the note audit hold claims: a practice's policy, with the sourced default."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from cleanclaim.sources import document
from cleanclaim_server.audit import record
from cleanclaim_server.encounters.note_policy import (
    DEFAULT_SOURCES,
    Holds,
    NotePolicy,
    note_policy,
    save_note_policy,
)
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.web.views.settings.forms import SetUpForm
from cleanclaim_server.web.views.settings.shell import form_page, practice_of

WORDS = {
    Holds.STOPS: "What stops: a contradiction, or what the payer's reviewers ask for",
    Holds.ALL: "Whatever is missing, also what only good practice asks for",
    Holds.NOTHING: "Nothing: findings are told, claims go",
}
LAYOUT = [("After the audit of a note", [("holds", "What holds the claim", "select", 8)])]


class NoteForm(SetUpForm):
    """The policy as a person chooses it."""

    holds = forms.ChoiceField(choices=[(key.value, text) for key, text in WORDS.items()])


@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def note_settings(request: HttpRequest, practice_id: UUID) -> HttpResponse:
    """Read or change which findings of a note hold its claims."""
    one = practice_of(request, practice_id)
    form = NoteForm(request.POST or None, initial={"holds": note_policy(one).holds.value})
    if request.method == "POST" and form.is_valid():
        save_note_policy(one, NotePolicy(Holds(form.cleaned_data["holds"])))
        record("settings.changed", "practice", one.pk, practice_id=one.pk, fields=sorted(form.changed_data))
        messages.success(request, f"{one.name}: claims follow this from their next check on.")
        return redirect("web:set_up_practice", one.pk)
    known = [one for one in map(document, DEFAULT_SOURCES) if one]
    sources = "; ".join(f"{one.publisher}, {one.title}" for one in known)
    lead = (
        f"{one.name}. A held claim goes when a later audit finds the note mended, or when a named person "
        f"releases it with a reason. The default rests on {sources}."
    )
    return form_page(
        request,
        form,
        LAYOUT,
        current=str(one.pk),
        title="Notes",
        button="Keep it",
        lead=lead,
        back=f"/settings/practices/{one.pk}",
    )
