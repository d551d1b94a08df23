"""Addresses of the rule book."""

from __future__ import annotations

from django.urls import path

from cleanclaim_server.web.views.rulebook import ask, lists, matrix, one

urlpatterns = [
    path("rule-book", lists.rule_book, name="rule_book"),
    path("rule-book/ask", ask.ask, name="ask_rule_book"),
    path("rule-book/matrix", matrix.matrix, name="rule_matrix"),
    path("rule-book/uncertain", lists.uncertain, name="uncertain_rules"),
    path("rule-book/rules/<str:rule_id>", one.book_rule, name="book_rule"),
    path("rule-book/rules/<str:rule_id>/confirm", one.confirm, name="confirm_rule"),
    path("rule-book/rules/<str:rule_id>/withdraw", one.withdraw, name="withdraw_rule"),
]
