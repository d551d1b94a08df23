"""What every page needs: whose practices, which day, one page of a list, and links that keep the filters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.core.signing import BadSignature, Signer
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from cleanclaim_server.identity.access import tenant_for
from cleanclaim_server.identity.roles import Access, DataClass
from cleanclaim_server.practice.queries import practice_marks
from cleanclaim_server.tenancy.context import TenantContext

PAGE_SIZE = 50
SWITCH = "practice"  # session key: the code of the practice that the person works for
CURSOR_KEYS = ("after", "before")
_PLACE = Signer(salt="cleanclaim.place")


def now() -> datetime:
    """The instant of this request."""
    return timezone.now()


def today(request: HttpRequest) -> date:
    """The calendar day in the agency's time zone."""
    return day_of(request, now())


def day_of(request: HttpRequest, instant: datetime) -> date:
    """The calendar day of an instant in the agency's time zone."""
    return timezone.localdate(instant, ZoneInfo(request.user.agency.timezone))


def marks(request: HttpRequest) -> dict[UUID, dict]:
    """Code, name and hue of every practice in reach, by id; read once a request."""
    found = getattr(request, "_practice_marks", None)
    if found is None:
        found = request._practice_marks = practice_marks(request.user.agency_id)
    return found


def in_view(request: HttpRequest) -> TenantContext:
    """The tenant context narrowed to the practice that the switcher names, if it is in reach."""
    code = request.session.get(SWITCH)
    if not code:
        return request.tenant
    return narrowed(request, request.tenant, code)


def narrowed(request: HttpRequest, tenant: TenantContext, code: str) -> TenantContext:
    """Keep one practice by its code; a code that is not in reach narrows nothing."""
    chosen = {key for key, mark in marks(request).items() if mark["code"] == code} & tenant.practice_ids
    return replace(tenant, practice_ids=frozenset(chosen)) if chosen else tenant


def narrowed_to(tenant: TenantContext, other: TenantContext) -> TenantContext:
    """A context limited to the practices of another."""
    return replace(tenant, practice_ids=tenant.practice_ids & other.practice_ids)


def also(request: HttpRequest, data_class: DataClass, need: Access) -> TenantContext:
    """The context of a second class of data on the same page; it never widens that of the page."""
    asked = tenant_for(request.user, data_class, need)
    return replace(asked, practice_ids=asked.practice_ids & request.tenant.practice_ids)


def link(request: HttpRequest, **changes: Any) -> str:
    """This page with some parameters changed (None takes one away); paging starts anew."""
    query = request.GET.copy()
    for key in CURSOR_KEYS:
        query.pop(key, None)
    for key, value in changes.items():
        query.pop(key, None)
        if value not in (None, ""):
            query[key] = str(value)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def chooser(request: HttpRequest, key: str, label: str, options: Iterable[tuple]) -> dict[str, Any]:
    """A filter of `components/filters.html`. Options are (value, label) or (value, label, count)."""
    current = request.GET.get(key, "")
    shown = [
        {
            "label": option[1],
            "url": link(request, **{key: option[0]}),
            "n": option[2] if len(option) > 2 else None,
            "current": option[0] == current,
        }
        for option in [("", "Any"), *options]
    ]
    value = next((option["label"] for option in shown if option["current"]), "Any")
    return {"key": key, "label": label, "value": value, "on": bool(current), "options": shown}


def tab_links(request: HttpRequest, key: str, options: Iterable[tuple[str, str, int | None]]) -> list[dict]:
    """Tabs of `components/tabs.html` over one parameter."""
    current = request.GET.get(key, "")
    return [
        {"label": label, "n": n, "url": link(request, **{key: value}), "current": value == current}
        for value, label, n in options
    ]


def one_page(
    request: HttpRequest,
    rows: QuerySet,
    field: str,
    *,
    noun: str,
    descending: bool = True,
    size: int = PAGE_SIZE,
    read: Callable[[Any], Any] | None = None,
) -> tuple[list, dict]:
    """Cut one page out of a list by keyset: (field, id), so that deep pages cost as little as the first.

    Args:
        request: Names the page by `after` or `before`.
        rows: The list, filtered. `field` must not be null.
        field: Sort key; ties go by id.
        noun: What the rows are, for the pager.
        descending: Largest first.
        size: Rows a page.
        read: The sort key of a row, where it is not the attribute `field`.

    Returns:
        The rows, and what `components/pager.html` shows. A cursor that cannot be read is the first page.
    """
    read = read or (lambda row: getattr(row, field))
    total = rows.count()
    cursor = _cursor(request, field)
    backwards = bool(cursor) and "before" in request.GET and "after" not in request.GET
    downwards = descending != backwards
    sign = "-" if downwards else ""
    if cursor:
        value, key, _ = cursor
        side = "lt" if downwards else "gt"
        rows = rows.filter(Q(**{f"{field}__{side}": value}) | Q(**{field: value, f"pk__{side}": key}))
    found = list(rows.order_by(f"{sign}{field}", f"{sign}pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
        first = max(cursor[2] - len(found), 1) if cursor else 1
        later, earlier = True, more
    else:
        first = cursor[2] + 1 if cursor else 1
        later, earlier = more, cursor is not None
    if not found:
        return [], {"first": 0, "last": 0, "total": total, "noun": noun}
    last = first + len(found) - 1

    def neighbour(side: str, row: Any, place: int) -> str:
        return link_to(request, side, field, read(row), row.pk, place)

    page = {
        "first": first,
        "last": last,
        "total": total,
        "noun": noun,
        "previous_url": neighbour("before", found[0], first) if earlier else "",
        "next_url": neighbour("after", found[-1], last) if later else "",
    }
    return found, page


def one_slice(request: HttpRequest, rows: Sequence, *, noun: str) -> tuple[Sequence, dict]:
    """Cut one page out of rows that were worked out, not stored: by their place (`at`) in the list.

    Returns:
        The rows, and what `components/pager.html` shows. A place that is none is the first page.
    """
    text, size = request.GET.get("at", ""), PAGE_SIZE
    start = int(text) if text.isdecimal() and len(text) < 8 else 0
    start = start if start < len(rows) else 0
    found, total = rows[start : start + size], len(rows)
    page = {
        "first": start + 1 if total else 0,
        "last": start + len(found),
        "total": total,
        "noun": noun,
        "previous_url": link(request, at=max(start - size, 0) or None) if start else "",
        "next_url": link(request, at=start + size) if start + size < total else "",
    }
    return found, page


def link_to(request: HttpRequest, side: str, field: str, value: Any, key: UUID, place: int) -> str:
    """The address of the neighbouring page. It is signed: what nobody was given is no place in a list."""
    kind = {datetime: "t", date: "d", int: "i"}.get(type(value), "s")
    text = value.isoformat() if kind in "td" else str(value)
    return link(request, **{side: _PLACE.sign_object([field, kind, text, str(key), place])})


def _cursor(request: HttpRequest, field: str) -> tuple[Any, UUID, int] | None:
    """The place in a list sorted by a field that the address names; None where it names none of that list."""
    try:
        of, kind, value, key, place = _PLACE.unsign_object(
            request.GET.get("after") or request.GET.get("before") or ""
        )
    except BadSignature:
        return None
    makes: dict[str, Callable[[Any], Any]] = {
        "t": datetime.fromisoformat, "d": date.fromisoformat, "i": int, "s": str
    }  # fmt: skip
    return (makes[kind](value), UUID(key), int(place)) if of == field else None


def columns(*heads: str | tuple[str, ...], order: Sorting | None = None) -> list[dict[str, str]]:
    """A head row for `components/table_head.html`.

    Args:
        heads: Labels, (label, css class), or (label, css class, sort key).
        order: The sorting in force; heads with a sort key become links that sort by it or turn it round.
    """
    shown = []
    for head in heads:
        label, css, key = (head, "", "") if isinstance(head, str) else (*head, "", "")[:3]
        cell = {"label": label, "css": css, "sort": "", "url": ""}
        if order and key:
            cell["url"] = order.url(key)
            if key == order.key:
                cell["sort"] = "descending" if order.descending else "ascending"
        shown.append(cell)
    return shown


class Sorting:
    """The sorting that the address asks for: `sort=key` or `sort=-key` (largest first).

    Args:
        fields: Field (never null) and natural direction (True is largest first) by sort key.
        default: The key that sorts when the address names none.
    """

    def __init__(self, request: HttpRequest, fields: dict[str, tuple[str, bool]], default: str) -> None:
        asked = request.GET.get("sort", "")
        key = asked.lstrip("-")
        self.request, self.fields = request, fields
        self.key = key if key in fields else default
        self.descending = asked.startswith("-") if key in fields else fields[default][1]
        self.field = fields[self.key][0]

    def url(self, key: str) -> str:
        """The address that sorts by a key, or turns it round."""
        down = not self.descending if key == self.key else self.fields[key][1]
        return link(self.request, sort=f"-{key}" if down else key)


def keep(request: HttpRequest, *, without: Iterable[str] = ()) -> list[dict[str, str]]:
    """The address's other parameters as hidden fields, for a search that keeps the filters."""
    left_out = {*CURSOR_KEYS, "q", *without}
    return [{"name": key, "value": value} for key, value in request.GET.items() if key not in left_out]


def ours(wanted: str, otherwise: str) -> str:
    """An address if it is a page of ours, else the other one."""
    fits = wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if fits else otherwise


def back(request: HttpRequest, otherwise: str) -> str:
    """Where a form wants to return to; only to a page of ours."""
    return ours(request.POST.get("back", ""), otherwise)


def chosen_ids(request: HttpRequest, name: str = "id", most: int = 500) -> list[UUID]:
    """The ids that a bulk form sends; what is none is left out."""
    found = []
    for text in request.POST.getlist(name)[:most]:
        try:
            found.append(UUID(text))
        except ValueError:
            continue
    return found
