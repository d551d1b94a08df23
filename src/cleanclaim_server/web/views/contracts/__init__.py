"""Contracts with payers: the list, one contract with its test box, changing, importing, learning."""

from django.urls import path

from cleanclaim_server.web.views.contracts import editing, grid, importing, learning, listing

urlpatterns = [
    path("contracts", listing.contracts, name="contracts"),
    path("contracts/start", listing.start, name="start_contract"),
    path("contracts/sample.csv", importing.sample, name="rate_sample"),
    path("contracts/<uuid:contract_id>", grid.contract, name="contract"),
    path("contracts/<uuid:contract_id>/test", grid.test, name="test_contract"),
    path("contracts/<uuid:contract_id>/rates.csv", grid.export, name="contract_rates"),
    path("contracts/<uuid:contract_id>/versions/<uuid:version_id>", grid.version, name="contract_version"),
    path(
        "contracts/<uuid:contract_id>/documents/<uuid:document_id>", grid.document, name="contract_document"
    ),
    path("contracts/<uuid:contract_id>/edit", editing.edit, name="edit_contract"),
    path("contracts/<uuid:contract_id>/import", importing.import_rates, name="import_rates"),
    path("contracts/<uuid:contract_id>/learnt", learning.learnt, name="learnt_rates"),
]
