"""Routes of the pages, in the order of the money. Paths are those of templatetags/navigation.py."""

from __future__ import annotations

from django.urls import path, re_path

from cleanclaim_server.web.views import (
    audit,
    balances,
    claims,
    files,
    month,
    patients,
    remittances,
    sessions,
    today,
)

app_name = "web"
urlpatterns = [
    path("", today.today, name="today"),
    path("switch", today.switch, name="switch"),
    path("search", today.search, name="search"),
    path("work", today.work, name="work"),
    path("work/next", today.take_next, name="take_next"),
    re_path(
        r"^work/(?P<item_id>[0-9a-f-]{36})/(?P<change>take|give|snooze)$", today.change_item, name="change_item"
    ),
    path("practices", today.practices, name="practices"),
    path("patients", patients.patients, name="patients"),
    path("patients/<uuid:patient_id>", patients.patient, name="patient"),
    path("sessions", sessions.sessions, name="sessions"),
    path("sessions/new", sessions.enter_session, name="enter_session"),
    path("sessions/preview", sessions.preview, name="preview"),
    path("sessions/import", sessions.import_sessions, name="import_sessions"),
    path("sessions/import/<uuid:import_id>", sessions.session_import, name="session_import"),
    path("sessions/<uuid:session_id>", sessions.session, name="session"),
    path("sessions/<uuid:session_id>/sign", sessions.sign, name="sign"),
    path("claims", claims.claims, name="claims"),
    path("claims/<uuid:claim_id>", claims.claim, name="claim"),
    path("claims/<uuid:claim_id>/findings/<uuid:finding_id>/override", claims.override, name="override"),
    path("rejections", claims.rejections, name="rejections"),
    path("batches", files.batches, name="batches"),
    path("batches/<uuid:batch_id>", files.batch, name="batch"),
    path("files/<uuid:file_id>", files.file, name="file"),
    path("files/<uuid:file_id>/raw", files.raw, name="raw"),
    path("files/<uuid:file_id>/download", files.download, name="download"),
    path("remittances", remittances.remittances, name="remittances"),
    path("remittances/<uuid:remittance_id>", remittances.remittance, name="remittance"),
    path("remittances/<uuid:remittance_id>/post", remittances.post, name="post"),
    path("remittances/<uuid:remittance_id>/undo", remittances.undo, name="undo"),
    path("remittances/inbox/<uuid:inbox_id>/assign", remittances.assign, name="assign"),
    path("denials", remittances.denials, name="denials"),
    path("balances", balances.balances, name="balances"),
    path("month", month.month, name="month"),
    path("audit", audit.log, name="audit"),
]
