"""Routes of the work on payments that is more than reading and posting them."""

from __future__ import annotations

from django.urls import path

from cleanclaim_server.web.views.remits import acts, deciding, keying, moving

urlpatterns = [
    path("remittances/key", keying.key_in, name="key_in"),
    path("remittances/key/sheet", keying.sheet, name="key_sheet"),
    path("remittances/key/balance", keying.balance, name="key_balance"),
    path("remittances/<uuid:remittance_id>/move", acts.move, name="move_remittance"),
    path(
        "remittances/<uuid:remittance_id>/claims/<uuid:answer_id>/move",
        moving.move_claim,
        name="move_claim_payment",
    ),
    path(
        "remittances/<uuid:remittance_id>/transfers/<uuid:transfer_id>/back",
        moving.take_back,
        name="take_claim_payment_back",
    ),
    path("remittances/<uuid:remittance_id>/scan", keying.scan, name="remittance_scan"),
    path("remittances/claims/<uuid:answer_id>", deciding.claim_payment, name="claim_payment"),
    path("remittances/parts/<uuid:part_id>/post", deciding.post_it, name="post_part"),
    path("remittances/parts/<uuid:part_id>/always", deciding.post_always, name="post_part_always"),
    path("remittances/parts/<uuid:part_id>/seen", deciding.seen, name="part_seen"),
    path("remittances/parts/<uuid:part_id>/aside", deciding.aside, name="part_aside"),
    path("remittances/parts/<uuid:part_id>/ask", deciding.ask, name="ask_about_part"),
]
