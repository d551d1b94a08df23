"""How amounts, rates, counts, dates and deadlines are written. Nothing here guesses: None is unknown."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cleanclaim.money import dollars

MINUS = "\N{MINUS SIGN}"
ENOUGH_CASES = 20  # below this a rate carries no colour


def amount(cents: int) -> str:
    """Column form: two decimals, no currency, true minus sign.

    Examples:
        >>> amount(123450), amount(-21240), amount(0)
        ('1,234.50', '−212.40', '0.00')
    """
    return dollars(cents).replace("-", MINUS)


def money_text(cents: int, *, signed: bool = False) -> str:
    """Sentence form.

    Examples:
        >>> money_text(123450), money_text(-21240), money_text(500, signed=True)
        ('$1,234.50', '−$212.40', '+$5.00')
    """
    sign = MINUS if cents < 0 else "+" if signed and cents > 0 else ""
    return f"{sign}${dollars(abs(cents))}"


def unknown_html(text: str = "Unknown", title: str = "") -> SafeString:
    """The hatched pill: unknown is never blank, never a dash, never zero."""
    return format_html(
        '<span class="unknown unknown-pill" title="{}"><span class="lbl">{}</span></span>', title, text
    )


def money_html(
    cents: int | None,
    style: str = "text",
    estimate: bool = False,
    unknown: str = "Unknown",
    signed: bool = False,
) -> SafeString:
    """Write an amount as ``text`` ($1,234.50), ``column`` (1,234.50) or ``figure`` (cents recede)."""
    if cents is None or cents == "":
        return unknown_html(unknown)
    cents = int(cents)
    css = "money num est" if estimate else "money num"
    title = "Estimate" if estimate else ""
    if style == "column":
        return (
            format_html('<span class="{}" title="{}">{}</span>', css, title, amount(cents))
            if estimate
            else (format_html('<span class="{}">{}</span>', css, amount(cents)))
        )
    whole = money_text(cents, signed=signed)
    if style == "figure":
        return format_html('<span class="{}">{}<span class="c">{}</span></span>', css, whole[:-3], whole[-3:])
    return (
        format_html('<span class="{}" title="{}">{}</span>', css, title, whole)
        if estimate
        else (format_html('<span class="{}">{}</span>', css, whole))
    )


def percent_text(numerator: int, denominator: int) -> str:
    """One decimal, no space, rounded half up.

    Examples:
        >>> percent_text(379, 402)
        '94.3%'
    """
    rate = Decimal(numerator) * 100 / Decimal(denominator)
    return f"{rate.quantize(Decimal('0.1'), ROUND_HALF_UP)}%".replace("-", MINUS)


def as_date(value: date | datetime | str | None) -> date | None:
    """Read what views and JSON hand over: a date, an instant (in the active zone), or ISO text."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def date_text(value: date | datetime | str | None, today: date | None = None, style: str = "") -> str:
    """`23 Nov 2026`; without the year within about half a year of today.

    Styles: ``full`` always with the year, ``day`` with the weekday (`Fri 27 Nov`), ``long``
    (`Friday 20 November 2026`), ``month`` (`October 2026`).

    Examples:
        >>> date_text(date(2026, 11, 3), date(2026, 11, 23)), date_text(date(2025, 1, 3), date(2026, 11, 23))
        ('3 Nov', '3 Jan 2025')
        >>> date_text("2026-11-20", style="long")
        'Friday 20 November 2026'
    """
    day = as_date(value)
    if day is None:
        return ""
    if style == "long":
        return f"{day:%A} {day.day} {day:%B %Y}"
    if style == "month":
        return f"{day:%B %Y}"
    text = f"{day.day} {day:%b}"
    if style == "full" or today is None or abs((day - today).days) > 180:
        text = f"{text} {day.year}"
    return f"{day:%a} {text}" if style == "day" else text


def moment_text(value: datetime | str | None, today: date | None = None) -> str:
    """`Today 09:12`, `17 Nov 07:06`, `3 Jan 2025 18:20`, in the active time zone."""
    if value is None or value == "":
        return ""
    instant = datetime.fromisoformat(value) if isinstance(value, str) else value
    if timezone.is_aware(instant):
        instant = timezone.localtime(instant)
    day = "Today" if instant.date() == today else date_text(instant.date(), today)
    return f"{day} {instant:%H:%M}"


def deadline_html(value: date | str | None, today: date | None, enforceable: bool = True) -> SafeString:
    """A deadline by nearness. One that no source proves is shown without alarm, and says so."""
    day = as_date(value)
    if day is None:
        return format_html('<span class="t-soft">{}</span>', "None known")
    if not enforceable:
        return format_html(
            '<span class="due due-unproven" title="No confirmed source: shown, not enforced">{}</span>',
            f"about {date_text(day, today)}",
        )
    if today is None:
        return format_html('<span class="due">{}</span>', date_text(day))
    left = (day - today).days
    if left < 0:
        text = f"{-left} day{'s' if left < -1 else ''} past"
        return format_html(
            '<span class="due due-now" title="{}">{}</span>', date_text(day, style="full"), text
        )
    if left == 0:
        return format_html('<span class="due due-now">{}</span>', "Today")
    if left <= 7:
        return format_html('<span class="due due-soon">{}</span>', date_text(day, today, "day"))
    return format_html('<span class="due">{}</span>', date_text(day, today))


def count_text(number: int, one: str, many: str = "") -> str:
    """A count with its noun.

    Examples:
        >>> count_text(1, "claim"), count_text(1200, "claim"), count_text(0, "entry", "entries")
        ('1 claim', '1,200 claims', '0 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"
