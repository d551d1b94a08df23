"""Addresses of what stands before sending."""

from __future__ import annotations

from django.urls import path

from cleanclaim_server.web.views.edits import acts, page

urlpatterns = [
    path("edits", page.before_sending, name="before_sending"),
    path("edits/<str:code>", page.finding, name="edit_finding"),
    path("edits/<str:code>/fix", acts.preview, name="preview_fix"),
    path("edits/<str:code>/fix/run", acts.run, name="run_fix"),
    path("edits/<str:code>/override", acts.override_many, name="override_many"),
]
