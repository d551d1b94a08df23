"""The bank: what came, which payment it is, and what is missing on either side."""

from __future__ import annotations

from django.urls import path

from cleanclaim_server.web.views.bank import accounts, acts, bringing, desk, line

urlpatterns = [
    path("bank", desk.bank, name="bank"),
    path("bank/add", bringing.add_bank_file, name="add_bank_file"),
    path("bank/accept", acts.accept_lines, name="accept_lines"),
    path("bank/accounts/new", accounts.new_account, name="new_bank_account"),
    path("bank/accounts/<uuid:account_id>", accounts.edit_account, name="bank_account"),
    path("bank/lines/<uuid:line_id>", line.bank_line, name="bank_line"),
    path("bank/lines/<uuid:line_id>/match", acts.tie_line, name="tie_line"),
    path("bank/lines/<uuid:line_id>/aside", acts.line_aside, name="line_aside"),
    path("bank/lines/<uuid:line_id>/patients", acts.count_line, name="count_line"),
    path("bank/matches/<uuid:tie_id>/undo", acts.untie, name="untie"),
    path("bank/asides/<uuid:aside_id>/undo", acts.undo_set_aside, name="undo_set_aside"),
    path("bank/payments/<uuid:remittance_id>/aside", acts.payment_aside, name="payment_aside"),
]
