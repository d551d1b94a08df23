"""What the book covers: states, topics and payers, each cell a value or an explicit *not encoded*."""

from __future__ import annotations

from collections import Counter
from datetime import date
from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from cleanclaim.rules import RuleBook
from cleanclaim.rules.coverage import PROGRAMS, STATE_TOPICS, STATES, TOPICS, Cell, coverage
from cleanclaim_server.audit import record
from cleanclaim_server.identity.access import requires
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.web.views import shared
from cleanclaim_server.web.views.rulebook import words
from cleanclaim_server.web.views.rulebook.lists import asked_day, tabs

LONGEST = 60


@lru_cache(maxsize=8)
def _cells(book: RuleBook, on: date) -> tuple[Cell, ...]:
    """Half a second of work, so the last few days asked are kept."""
    return coverage(book, on)


@requires(DataClass.RULES, Access.READ)
@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """All states, one state by payer, or one topic across the states."""
    book, on = words.the_book(request), asked_day(request)
    cells = _cells(book, on)
    state, topic = request.GET.get("state", ""), request.GET.get("topic", "")
    context: dict[str, Any] = {
        "today": shared.today(request),
        "tabs": tabs(request, "matrix", len(book.rules)),
        "on": on,
        "states": [
            shared.chooser(request, "state", "State", words.state_options()),
            shared.chooser(request, "topic", "Topic", [(name, name) for name in (*TOPICS, *STATE_TOPICS)]),
        ],
        "heads": [said[:1].upper() + said[1:] for _, said in PROGRAMS.values()],
        "whole": _sums(cells),
        "view": "all",
    }
    if state in STATES:
        mine = [cell for cell in cells if cell.state == state and topic in ("", cell.topic)]
        context |= {"view": "state", "name": words.PLACES.get(state, state), "whole": _sums(mine)}
        context["rows"] = [
            {"name": row, "cells": _row([cell for cell in mine if cell.topic == row], book)}
            for row in (*TOPICS, *STATE_TOPICS)
            if topic in ("", row)
        ]
    elif topic in TOPICS or topic in STATE_TOPICS:
        mine = [cell for cell in cells if cell.topic == topic]
        context |= {"view": "topic", "name": topic, "whole": _sums(mine)}
        context["rows"] = [
            {
                "name": words.PLACES[one],
                "url": shared.link(request, state=one, topic=None),
                "cells": _row([cell for cell in mine if cell.state == one], book),
            }
            for one in sorted(STATES, key=words.PLACES.__getitem__)
        ]
    else:
        context["rows"] = [
            {
                "name": words.PLACES[one],
                "url": shared.link(request, state=one),
                **_sums([cell for cell in cells if cell.state == one]),
            }
            for one in sorted(STATES, key=words.PLACES.__getitem__)
        ]
    record("rulebook.matrix", "rule", count=len(context["rows"]))
    return render(request, "rulebook/matrix.html", context)


def _row(cells: list[Cell], book: RuleBook) -> list[dict[str, Any]]:
    """Cells of one row in the order of the payers; one that holds for all of them spans the row."""
    shown = []
    for cell in cells:
        text = cell.text if len(cell.text) <= LONGEST else cell.text[: LONGEST - 1].rsplit(" ", 1)[0] + "…"
        first = book.find(cell.rules[0]) if cell.rules else None
        confirmed = first is not None and any(value.confirmed for value in first.values)
        standing = "confirmed" if confirmed and cell.status == "value" else cell.confidence
        shown.append(
            {
                "status": cell.status,
                "text": text,
                "whole": cell.text,
                "url": f"/rule-book/rules/{cell.rules[0]}" if cell.rules else "",
                "standing": words.standing_badge(standing) if cell.status == "value" else None,
                "span": 1 if cell.program else len(PROGRAMS),
                "payer": PROGRAMS[cell.program][1] if cell.program else "whoever pays",
            }
        )
    return shown


def _sums(cells) -> dict[str, int]:
    marks = Counter(cell.confidence for cell in cells if cell.status == "value")
    states = Counter(cell.status for cell in cells)
    return {
        "total": len(list(cells)),
        "value": states["value"],
        "seen": marks["seen"],
        "known": marks["known"],
        "uncertain": marks["uncertain"],
        "not_encoded": states["not_encoded"],
        "missing": states["missing"],
        "percent": round(states["value"] * 100 / len(list(cells))) if cells else 0,
    }
