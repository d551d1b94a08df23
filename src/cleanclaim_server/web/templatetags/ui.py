"""`{% load ui %}`: the parts of every page. Each tag names the context of its partial in components/.

Small parts (icon, money, badge, chips) return HTML built by `format_html`; larger ones render a
partial. Structures are plain dicts, so that a query can hand them over without knowing HTML.
"""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from cleanclaim.sources import cited
from cleanclaim_server.web.templatetags import drawing, navigation, numbers
from cleanclaim_server.web.templatetags.words import ACTORS, SEVERITY, word_of

register = template.Library()


def field(thing: Any, name: str, default: Any = "") -> Any:
    """Read a key of a dict or an attribute of an object."""
    found = thing.get(name) if isinstance(thing, dict) else getattr(thing, name, None)
    return default if found is None else found


def today_of(context: template.Context) -> Any:
    return numbers.as_date(context.get("today"))


# --- static files -----------------------------------------------------------------------------------


@cache
def _digest(path: str, stamp: int) -> str:
    found = finders.find(path)
    return hashlib.sha256(Path(found).read_bytes()).hexdigest()[:10] if found else ""


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file with a digest of its content, so that a new version is fetched."""
    found = finders.find(path)
    if not found:
        return static(path)
    return f"{static(path)}?v={_digest(path, Path(found).stat().st_mtime_ns)}"


@register.simple_tag
def icon(name: str, size: str = "", tone: str = "", label: str = "") -> SafeString:
    """An icon of the sprite.

    `size`: sm, lg; `tone`: stop, override, tell, ok, soft. With `label` it is read out.
    """
    css = " ".join(part for part in ("icon", size and f"icon-{size}", tone and f"t-{tone}") if part)
    address = f"{asset('vendor/lucide/icons.svg')}#i-{name}"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"/></svg>', css, label, address
        )
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"/></svg>', css, address)


# --- numbers and time -------------------------------------------------------------------------------


@register.simple_tag
def money(
    cents: int | None,
    style: str = "text",
    estimate: bool = False,
    unknown: str = "Unknown",
    signed: bool = False,
) -> SafeString:
    """`$1,234.50`; style `column` drops the sign of currency, `figure` lets the cents recede; None is
    unknown.
    """
    return numbers.money_html(cents, style, estimate, unknown, signed)


@register.simple_tag
def amount(cents: int | None, estimate: bool = False, unknown: str = "Unknown") -> SafeString:
    """A table cell: `1,234.50`."""
    return numbers.money_html(cents, "column", estimate, unknown)


@register.simple_tag
def percent(numerator: int | None, denominator: int | None) -> SafeString:
    """A rate from its counts. Nothing to divide by is *No cases*, never 0%."""
    if not denominator or numerator is None:
        return numbers.unknown_html("No cases")
    return format_html('<span class="num">{}</span>', numbers.percent_text(numerator, denominator))


@register.simple_tag
def count(number: int, one: str = "", many: str = "") -> str:
    """`1,204`, or with a noun `1 claim`, `1,204 claims`."""
    return numbers.count_text(number or 0, one, many) if one else f"{number or 0:,}"


@register.simple_tag
def unknown(text: str = "Unknown", title: str = "") -> SafeString:
    return numbers.unknown_html(text, title)


@register.simple_tag(takes_context=True)
def date(context: template.Context, value: Any, style: str = "") -> str:
    """`23 Nov`, with the year when it is far. Styles: full, day, long, month."""
    return numbers.date_text(value, today_of(context), style)


@register.simple_tag(takes_context=True)
def moment(context: template.Context, value: Any) -> str:
    """`Today 09:12`, `17 Nov 07:06`."""
    return numbers.moment_text(value, today_of(context))


@register.simple_tag(takes_context=True)
def deadline(context: template.Context, value: Any, enforceable: bool = True) -> SafeString:
    """A deadline coloured by nearness; one without a confirmed source says `about`."""
    return numbers.deadline_html(value, today_of(context), enforceable)


# --- chips ------------------------------------------------------------------------------------------


@register.simple_tag
def badge(state: str, axis: str = "claim", text: str = "", short: bool = False) -> SafeString:
    """One state in its one fixed word (words.py). `short` in lists; `text` only to add a count or a date."""
    word = word_of(state, axis)
    if word.tone == "unknown":
        return numbers.unknown_html(text or word.text, title=str(state))
    css = f"badge badge-{word.tone}" if word.tone else "badge"
    drawn = icon(word.icon) if word.icon else ""
    if short and word.short:
        return format_html('<span class="{}" title="{}">{}{}</span>', css, word.text, drawn, word.short)
    return format_html('<span class="{}">{}{}</span>', css, drawn, text or word.text)


@register.simple_tag
def practice_chip(practice: Any, full: bool = False) -> SafeString:
    """Two letters and a hue: identity, never status. Takes `code`, `name`, `hue`; `full` shows the name."""
    if not practice:
        return mark_safe("")
    code, name, hue = field(practice, "code"), field(practice, "name"), field(practice, "hue", 8)
    css = f"practice pc-{(int(hue) - 1) % 8 + 1}"
    if full:
        return format_html('<span class="{}" data-code="{}">{}</span>', css, code, name)
    return format_html(
        '<span class="{}" data-code="{}" title="{}"><span class="visually-hidden">{}</span></span>',
        css, code, name, name,
    )  # fmt: skip


@register.simple_tag
def code_chip(code: str, title: str = "") -> SafeString:
    """A code as a payer sent it (CO-197, M62). `title` says it in our own words."""
    return format_html('<span class="code-chip" title="{}">{}</span>', title, code)


@register.simple_tag
def score(points: int) -> SafeString:
    high = " score-hi" if points >= 70 else ""
    return format_html('<span class="score{}" title="Score">{}</span>', high, points)


SHAPES = {
    "person": '<circle cx="6" cy="6" r="5"/>',
    "rule": '<rect x="1.5" y="1.5" width="9" height="9" rx="1.5"/>',
    "payer": '<path d="M6 .2 11.8 6 6 11.8.2 6z"/>',
    "clearinghouse": '<path d="M6 .8 11.6 10.6H.4z"/>',
    "bank": '<path d="M6 .4 11 3.2v5.6L6 11.6 1 8.8V3.2z"/>',
}


@register.simple_tag
def actor(kind: str) -> SafeString:
    """Who acted, as a shape: person, rule, payer, clearinghouse, bank."""
    kind = kind if kind in SHAPES else "rule"
    return format_html(
        '<svg class="actor actor-{}" viewBox="0 0 12 12" role="img" aria-label="{}">{}</svg>',
        "house" if kind == "clearinghouse" else kind, ACTORS[kind], mark_safe(SHAPES[kind]),  # fixed markup
    )  # fmt: skip


@register.simple_tag
def avatar(name: str, me: bool = False) -> SafeString:
    letters = "".join(part[0] for part in str(name).replace(",", " ").split()[:2] if part).upper() or "?"
    css = "avatar avatar-me" if me else "avatar"
    return format_html('<span class="{}" title="{}">{}</span>', css, name, letters)


@register.simple_tag
def hues(practices: Any, upright: bool = False) -> SafeString:
    """The practice bar: one stretch of colour per practice (at most 12), across or upright."""
    shown = [practices] if isinstance(practices, dict) else list(practices or [])[:12]
    if not shown:
        return mark_safe("")
    part = 60 / len(shown)
    cells = []
    for index, practice in enumerate(shown):
        css = f"pcf pc-{(int(field(practice, 'hue', 8)) - 1) % 8 + 1}"
        at, size = round(index * part, 2), round(part, 2)
        if upright:
            cells.append(format_html('<rect y="{}" width="5" height="{}" class="{}"/>', at, size, css))
        else:
            cells.append(format_html('<rect x="{}" width="{}" height="3" class="{}"/>', at, size, css))
    box = "0 0 5 60" if upright else "0 0 60 3"
    return format_html(
        '<svg viewBox="{}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        box, mark_safe("".join(cells)),  # every cell is format_html's
    )  # fmt: skip


# --- the frame --------------------------------------------------------------------------------------


@register.inclusion_tag("components/navigation.html", takes_context=True)
def navigation_links(context: template.Context) -> dict[str, Any]:
    """The sidebar. Counts come from the context's `nav` {key: int}; `nav_hidden` lists keys not to show."""
    request = context.get("request")
    current = context.get("section") or navigation.current_key(request.path if request else "")
    counts, hidden = context.get("nav") or {}, set(context.get("nav_hidden") or ())
    groups = [
        {
            "title": title,
            "css": css,
            "pages": [
                {"page": page, "n": counts.get(page.key), "current": page.key == current}
                for page in pages
                if page.key not in hidden
            ],
        }
        for title, pages, css in navigation.GROUPS
    ]
    return {"groups": [group for group in groups if group["pages"]]}


@register.inclusion_tag("components/tabbar.html", takes_context=True)
def tab_bar(context: template.Context) -> dict[str, Any]:
    """The five places of a phone."""
    request = context.get("request")
    current = context.get("section") or navigation.current_key(request.path if request else "")
    hidden = set(context.get("nav_hidden") or ())
    pages = [navigation.PAGES[key] for key in navigation.PHONE if key not in hidden]
    return {"pages": pages, "current": current}


@register.simple_tag
def all_pages() -> list[navigation.Page]:
    """Every page, for the palette and the list of keys."""
    return list(navigation.PAGES.values())


# --- parts of pages ---------------------------------------------------------------------------------


@register.inclusion_tag("components/finding.html")
def finding(item: Any, act: str = "", act_url: str = "") -> dict[str, Any]:
    """A finding: severity, message, remedy, code, sources [{id, at}], optional `act` {label, url, method}.

    `item` is a `cleanclaim.findings.Finding`, a `ClaimFinding` row or a dict of that shape.
    """
    severity = str(getattr(field(item, "severity", "tell"), "value", field(item, "severity", "tell")))
    word = SEVERITY.get(severity, SEVERITY["tell"])
    own = field(item, "act", None) or ({"label": act, "url": act_url} if act else None)
    sources = [
        source if isinstance(source, str) else f"{field(source, 'id')} {field(source, 'at')}".strip()
        for source in field(item, "sources", [])
    ]
    return {
        "tone": {"": "known"}.get(word.tone, word.tone),
        "word": word,
        "item": item,
        "message": field(item, "message"),
        "remedy": field(item, "remedy"),
        "code": field(item, "code"),
        "where": str(field(item, "where")),
        "sources": sources,
        "act": own,
        "overridden_by": field(item, "overridden_by_name"),
        "override_reason": field(item, "override_reason"),
    }


@register.inclusion_tag("components/timeline.html", takes_context=True)
def timeline(context: template.Context, events: list[Any]) -> dict[str, Any]:
    """What happened, newest first: [{at, actor, title, detail, url, url_text, now, raw_url}]."""
    return {"events": events, "today": context.get("today"), "actors": ACTORS}


@register.inclusion_tag("components/tiles.html", takes_context=True)
def tiles(
    context: template.Context, items: list[dict[str, Any]], label: str = "Work waiting"
) -> dict[str, Any]:
    """Queues side by side: [{label, icon, url, count, cents, oldest_days, due_today, note}]."""
    return {"tiles": items, "label": label, "today": context.get("today")}


@register.inclusion_tag("components/states.html", takes_context=True)
def states(context: template.Context, items: list[dict[str, Any]]) -> dict[str, Any]:
    """State axes: [{label, state+axis | value | cents (+suffix), note, tone}]."""
    return {"states": items, "today": context.get("today")}


@register.inclusion_tag("components/bandbar.html")
def bandbar(minutes: int | None, bands: list | None = None, width: int = 0) -> dict[str, Any]:
    """The minute band. `bands`: [[first minute, code], ...]; without it psychotherapy: 16, 38, 53.

    `width` draws for a narrow place; otherwise one drawing for the desk and one for the phone.
    """
    steps = tuple((int(start), str(code)) for start, code in bands) if bands else drawing.PSYCHOTHERAPY
    if width:
        return {"drawings": [{"css": "", **drawing.minute_bands(minutes, steps, width, "None")}]}
    return {
        "drawings": [
            {"css": "only-wide", **drawing.minute_bands(minutes, steps, 1080, "No code")},
            {"css": "only-narrow", **drawing.minute_bands(minutes, steps, 330, "None")},
        ]
    }


@register.inclusion_tag("components/units.html")
def units_bar(used: int, this: int = 0, booked: int = 0, free: int = 0) -> dict[str, Any]:
    """The units of an authorization as boxes."""
    return {
        "boxes": drawing.unit_boxes(used, this, booked, free),
        "used": used, "this": this, "booked": booked, "free": free, "total": used + this + booked + free,
    }  # fmt: skip


@register.inclusion_tag("components/x12.html")
def x12_view(segments: list[Any], highlight: Any = 0, say: dict | None = None) -> dict[str, Any]:
    """Raw segments: [{n, text, word}] or [(n, text)].

    `highlight`: a number or numbers; the first is scrolled to.

    `say`: {title, note, elements: [{name, text}]} explains the highlighted segment.
    """
    hits = {int(highlight)} if isinstance(highlight, int | str) and highlight else set(highlight or ())
    rows = []
    for one in segments:
        number, text = (one["n"], one["text"]) if isinstance(one, dict) else one
        stars = text.replace("\n", "")
        tag = stars.split("*", 1)[0] if "*" in stars else stars[:3]
        word = one.get("word", "") if isinstance(one, dict) else ""
        rows.append({"n": number, "tag": tag, "rest": stars[len(tag) :], "hit": number in hits, "word": word})
    return {"rows": rows, "say": say}


@register.inclusion_tag("components/proof.html", takes_context=True)
def proof(context: template.Context, item: dict[str, Any]) -> dict[str, Any]:
    """Payment proof: {segments: [{n, text, mark}], file_note, line: [{label, cents, strong}], entry_on,
    entry: [{account, debit_cents, credit_cents, planned}], bank: {cents, facts: [str], matched, note}}."""
    return {"proof": item, "today": context.get("today")}


@register.inclusion_tag("components/balance_tests.html")
def balance_tests(items: list[dict[str, Any]]) -> dict[str, Any]:
    """[{label, ok, equation}]: the tests a remittance must pass before a cent is posted."""
    return {"tests": items}


@register.inclusion_tag("components/empty.html")
def empty(
    title: str,
    text: str = "",
    glyph: str = "check",
    act: str = "",
    url: str = "",
    tone: str = "",
    code: str = "",
) -> dict[str, Any]:
    """Why it is empty, and what was looked at.

    `tone="stop"` for what could not be read; `tone="soft"` for no data yet.
    """
    return {"title": title, "text": text, "glyph": glyph, "act": act, "url": url, "tone": tone, "code": code}


@register.inclusion_tag("components/progress.html")
def progress(
    done: int, total: int, label: str, held: int = 0, bad: int = 0, thin: bool = False
) -> dict[str, Any]:
    """Counts on a bar; for over three seconds of work, or shares of a whole when `thin`."""
    rest = max(total - done - held - bad, 0)
    parts = [("good" if thin else "done", done), ("held", held), ("bad", bad), ("rest", rest)]
    return {
        "shares": [share for share in drawing.shares(parts) if share["fill"] != "rest" and share["width"]],
        "value": round(100 * done / total) if total else 0,
        "done": done, "total": total, "label": label, "thin": thin,
    }  # fmt: skip


@register.inclusion_tag("components/pager.html")
def pager(page: dict[str, Any] | None) -> dict[str, Any]:
    """{first, last, total, noun, previous_url, next_url, size_note}. `total` None says `many`."""
    return {"page": page}


@register.inclusion_tag("components/table_head.html")
def table_head(columns: list[dict[str, Any]], select: bool = False) -> dict[str, Any]:
    """A head row: [{label, css, sort ('ascending'|'descending'|''), url, hidden}]; `select` adds the
    box for all.
    """
    return {"columns": columns, "select": select}


@register.inclusion_tag("components/filters.html")
def filters(items: list[dict[str, Any]], note: str = "") -> dict[str, Any]:
    """[{key, label, value, on, options: [{label, url, n, current}]}]: each opens a menu of links."""
    return {"filters": items, "note": note}


@register.inclusion_tag("components/tabs.html")
def tabs(items: list[dict[str, Any]], label: str) -> dict[str, Any]:
    """Views of one list as links: [{label, n, url, current}]."""
    return {"tabs": items, "label": label}


@register.inclusion_tag("components/steps.html", takes_context=True)
def next_steps(context: template.Context, items: list[dict[str, Any]]) -> dict[str, Any]:
    """[{title, why, button, url, method, guards: [{text, ok}], diff: [{sign, text}], blocked}]; the
    first is likeliest.
    """
    return {"steps": items, "today": context.get("today"), "csrf_token": context.get("csrf_token")}


@register.inclusion_tag("components/deadline_strip.html", takes_context=True)
def deadline_strip(context: template.Context, days: list[dict[str, Any]]) -> dict[str, Any]:
    """Fourteen days: [{date, off, holiday, pins: [{label, n, cents, tone, url, note}]}]."""
    return {"days": days, "today": today_of(context)}


@register.inclusion_tag("components/feed.html", takes_context=True)
def feed(context: template.Context, items: list[dict[str, Any]]) -> dict[str, Any]:
    """What changed: [{at, actor, lead, text, url, url_text}]."""
    return {"items": items, "today": context.get("today")}


@register.inclusion_tag("components/chart.html", takes_context=True)
def chart(context: template.Context, item: dict[str, Any]) -> dict[str, Any]:
    """A chart with its table. See static/js/charts.js for the kinds.

    {id, kind: stacked|bars|waterfall|line, title, say, unit: money|days|percent|count, labels,
    series: [{name, values, tone}], links: [url per label], goal: {value, text, below}, axis_note,
    formula_url, short: bool}.
    Money values are cents.
    """
    rows = [
        {
            "label": label,
            "url": (item.get("links") or [None] * len(item["labels"]))[index],
            "values": [
                _said(series["values"][index], item.get("unit", "count")) for series in item["series"]
            ],
        }
        for index, label in enumerate(item["labels"])
    ]
    raw = (
        json.dumps(item, default=str).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    )
    return {"chart": item, "rows": rows, "json": mark_safe(raw)}  # escaped as json_script does


def _said(value: Any, unit: str) -> Any:
    if value is None:
        return numbers.unknown_html("No value")
    if unit == "money":
        return numbers.amount(value)
    return f"{value}%" if unit == "percent" else f"{value:,}"


@register.simple_tag
def toast_parts(message: Any) -> dict[str, str]:
    """Split a Django message: text, tone, and the undo address given as extra tag ``undo:/path``."""
    undo = next((tag[5:] for tag in (message.extra_tags or "").split() if tag.startswith("undo:")), "")
    tone = {"success": "ok", "warning": "override", "error": "stop"}.get(message.level_tag, "soft")
    glyph = {"ok": "circle-check", "override": "triangle-alert", "stop": "octagon-x"}.get(tone, "info")
    return {"text": str(message), "tone": tone, "glyph": glyph, "undo": undo}


@register.filter(name="cited")
def cited_all(sources: Any) -> list[str]:
    """Citations by the titles of their documents."""
    return [cited(str(one)) for one in sources or ()]


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """`{{ row|get:key }}`"""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.filter
def times(number: int) -> range:
    return range(int(number or 0))


@register.filter
def initials(name: str) -> str:
    """`Avery Birch` -> `A.B.`: lists show initials; names stay inside one person's record."""
    return "".join(f"{part[0]}." for part in str(name).replace(",", " ").split()[:2])


@register.filter
def plural(number: int, forms: str = "s") -> str:
    """`{{ n|plural }}` adds s; `{{ n|plural:"y,ies" }}` chooses."""
    one, _, many = forms.partition(",") if "," in forms else ("", "", forms)
    return one if number == 1 else many
