"""Settings of the agency: the trading partners that carry our files."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from cleanclaim_server.audit import record
from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports import PortError, port_for
from cleanclaim_server.identity.access import requires_set_up
from cleanclaim_server.identity.roles import Access
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.settings import forms as own
from cleanclaim_server.web.views.settings.shell import (
    agency_only,
    form_page,
    navigation,
)

TEST_SECONDS = 8


@requires_set_up(Access.READ)
@require_GET
def partners(request: HttpRequest) -> HttpResponse:
    """Who carries our files. Their settings stay sealed."""
    rows = (
        TradingPartner.objects.filter(agency_id=request.user.agency_id)
        .defer("config")
        .annotate(n=Count("payers"))
        .order_by("name", "id")
    )
    record("settings.read", "trading_partner")
    words = {"sftp": "SFTP", "folder": "Folder", "simulator": "Simulator"}
    return render(
        request,
        "settings/partners.html",
        navigation(request, "partners")
        | {"rows": [{"row": row, "transport": words.get(row.transport, row.transport)} for row in rows]},
    )


@sensitive_post_parameters("password", "private_key", "passphrase")
@requires_set_up(Access.FULL)
@require_http_methods(["GET", "POST"])
def partner(request: HttpRequest, partner_id: UUID | None = None) -> HttpResponse:
    """Add or change a trading partner; its secrets are sealed and never shown again."""
    no = agency_only(request)
    if no:
        return no
    row = (
        TradingPartner(agency=request.user.agency, usage="T")
        if partner_id is None
        else _partner(request, partner_id)
    )
    if row.transport == "simulator":
        messages.info(request, "The simulator has no settings: it stands in for a clearinghouse in the demo.")
        return redirect("web:partners")
    kept = dict(row.config or {})
    names = (
        "name",
        "transport",
        "receiver_id",
        "receiver_qualifier",
        "receiver_name",
        "usage",
        "wants_ta1",
        "is_active",
    )
    shown = {key: kept.get(key) for key in (*own.PartnerForm.PLACES, *own.PartnerForm.SERVER)}
    form = own.PartnerForm(
        request.POST or None, initial={name: getattr(row, name) for name in names} | shown, kept=kept
    )
    if request.method == "POST" and form.is_valid():
        for name in names:
            setattr(row, name, form.cleaned_data[name])
        row.config = form.config()
        row.save()
        record(
            "settings.changed" if partner_id else "settings.added",
            "trading_partner",
            row.pk,
            transport=row.transport,
        )
        messages.success(request, f"{row.name} is kept. Test the connection before you send.")
        return redirect("web:partner", row.pk)
    secret = "On file; leave it empty to keep it" if kept.get("password") else ""
    layout = [
        (
            "The partner",
            [
                ("name", "Name", "text", 6),
                ("receiver_name", "Name in the file", "text", 6),
                ("receiver_id", "Receiver id", "text", 4, "ISA08"),
                ("receiver_qualifier", "Qualifier", "select", 2),
                ("usage", "Files are", "select", 3),
                ("is_active", "In use", "check", 3),
                ("wants_ta1", "Ask for a TA1", "check", 6),
            ],
        ),
        (
            "The way",
            [
                ("transport", "By", "select", 12),
                ("outbox", "Our files go to", "text", 6),
                ("inbox", "Their files lie in", "text", 6),
                ("archive", "Taken files move to", "text", 6),
                ("keeps_files", "It keeps what we gave it, so absence is a proof", "check", 6),
            ],
        ),
        (
            "SFTP only",
            [
                ("host", "Server", "text", 6),
                ("port", "Port", "text", 2),
                ("user", "User", "text", 4),
                (
                    "host_key",
                    "Host key",
                    "text",
                    12,
                    "ssh-ed25519 AAAA…, from the partner; an unknown key is refused",
                ),
                ("password", "Password", "password", 6, secret),
                ("passphrase", "Passphrase of the key", "password", 6),
                (
                    "private_key",
                    "Private key",
                    "area",
                    12,
                    "On file; leave it empty to keep it" if kept.get("private_key") else "OpenSSH text",
                ),
            ],
        ),
    ]
    extra = {"test_url": f"/settings/partners/{row.pk}/test", "partner": row} if partner_id else {}
    return form_page(
        request,
        form,
        layout,
        current="partners",
        title=row.name or "New trading partner",
        button="Keep the partner",
        back="/settings/partners",
        extra=extra,
    )


def _partner(request: HttpRequest, partner_id: UUID) -> TradingPartner:
    found = TradingPartner.objects.filter(pk=partner_id, agency_id=request.user.agency_id).first()
    if found is None:
        raise Http404
    return found


@requires_set_up(Access.FULL)
@require_POST
def test_partner(request: HttpRequest, partner_id: UUID) -> HttpResponse:
    """Try the way to a partner, and say exactly what was tried. Nothing is sent and nothing is taken."""
    no = agency_only(request)
    if no:
        return no
    row = _partner(request, partner_id)
    quick = {"timeout_seconds": TEST_SECONDS, "settle_seconds": 0.05}
    probe = TradingPartner(
        agency=row.agency, name=row.name, transport=row.transport, config={**(row.config or {}), **quick}
    )
    probe.id = row.id
    try:
        port = port_for(probe, now=shared.now())
        waiting = port.list_inbox()
        port.exists("cleanclaim-connection-test.txt")
    except PortError as error:
        record("partner.tested", "trading_partner", row.pk, result=error.code)
        messages.error(
            request,
            f"It does not work: {str(error).rsplit(' [', 1)[0]}. Nothing was sent or taken. ({error.code})",
        )
    else:
        record("partner.tested", "trading_partner", row.pk, result="ok", waiting=len(waiting))
        messages.success(
            request,
            f"Both folders can be read; {len(waiting)} files wait for us. Writing was not tried, so nothing "
            "was sent.",
        )
    return redirect("web:partner", row.pk)
