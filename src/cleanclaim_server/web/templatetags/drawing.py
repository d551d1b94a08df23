"""Geometry of what is drawn as SVG on the server: widths are attributes, so that no style is inline."""

from __future__ import annotations

from dataclasses import dataclass

# Minutes face to face at which psychotherapy changes its code; handbook of coding, time rules.
PSYCHOTHERAPY = ((16, "90832"), (38, "90834"), (53, "90837"))
FILLS = ("a1", "a2", "solid")


@dataclass(frozen=True)
class Band:
    """One code's stretch of the bar, in drawing units."""

    label: str
    fill: str
    text: str
    x: float
    width: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


def minute_bands(
    minutes: int | None, thresholds: tuple[tuple[int, str], ...], width: int, none_label: str
) -> dict:
    """Lay out the minute band.

    Args:
        minutes: The session's minutes; None draws the bands alone.
        thresholds: Ascending (first minute, code). Below the first there is no code.
        width: Of the drawing, in units.
        none_label: What to write on the stretch below the first threshold.

    Returns:
        `bands`, `ticks` [{x, minute}], `mark` {x, label_x, anchor, minutes} or None, `width`, `code`, `say`.

    Examples:
        >>> found = minute_bands(55, PSYCHOTHERAPY, 1080, "No code")
        >>> found["code"]
        '90837'
        >>> found["say"]
        '55 minutes fall in the band of 90837, which starts at 53. Thresholds at 16, 38 and 53 minutes.'
        >>> minute_bands(10, PSYCHOTHERAPY, 1080, "No code")["code"]
        ''
    """
    last = thresholds[-1][0]
    end = max(round(last * 75 / 53), (minutes or 0) + 10)
    scale = width / end
    edges = [0, *(minute for minute, _ in thresholds), end]
    labels = [none_label, *(code for _, code in thresholds)]
    fills = ["track", *FILLS[-len(thresholds) :]] if len(thresholds) <= len(FILLS) else None
    bands = [
        Band(
            label=label,
            fill=fills[index] if fills else ("track" if index == 0 else FILLS[(index - 1) % len(FILLS)]),
            text="on-solid" if fills and fills[index] == "solid" else "soft" if index == 0 else "band-l",
            x=round(edges[index] * scale, 1),
            width=round((edges[index + 1] - edges[index]) * scale, 1),
        )
        for index, label in enumerate(labels)
    ]
    ticks = [{"x": round(minute * scale, 1), "minute": minute} for minute, _ in thresholds]
    code, start = "", 0
    for minute, name in thresholds:
        if minutes is not None and minutes >= minute:
            code, start = name, minute
    named = [str(minute) for minute, _ in thresholds]
    listed = " and ".join([", ".join(named[:-1]), named[-1]]) if len(named) > 1 else named[0]
    say = f"Thresholds at {listed} minutes."
    if code:
        say = f"{minutes} minutes fall in the band of {code}, which starts at {start}. {say}"
    elif minutes is not None:
        say = f"{minutes} minutes are too few for a code; the first starts at {named[0]}. {say}"
    mark = None
    if minutes is not None:
        x = round(min(minutes, end) * scale, 1)
        anchor = "start" if x < 30 else "end" if x > width - 30 else "middle"
        mark = {"x": x, "minutes": minutes, "anchor": anchor}
    return {"bands": bands, "ticks": ticks, "mark": mark, "width": width, "code": code, "say": say}


def shares(parts: list[tuple[str, int]], width: float = 100) -> list[dict]:
    """Lay several counts side by side on one bar: [{fill, x, width}].

    Examples:
        >>> shares([("good", 38), ("held", 3)])
        [{'fill': 'good', 'x': 0.0, 'width': 92.7}, {'fill': 'held', 'x': 92.7, 'width': 7.3}]
    """
    total = sum(max(count, 0) for _, count in parts)
    out, at = [], 0.0
    for fill, count in parts:
        size = round(max(count, 0) * width / total, 1) if total else 0.0
        out.append({"fill": fill, "x": round(at, 1), "width": size})
        at += size
    return out


def unit_boxes(used: int, this: int, booked: int, free: int, width: int = 720) -> list[dict]:
    """One box per unit of an authorization; many units share boxes so that the row still fits."""
    total = used + this + booked + free
    boxes = min(total, 40)
    if not boxes:
        return []
    step = width / boxes
    fills = ["au-used"] * used + ["au-this"] * this + ["au-booked"] * booked + ["au-free"] * free
    gap = 3 if boxes <= 20 else 2
    return [
        {"x": round(index * step, 1), "width": round(step - gap, 1), "fill": fills[index * total // boxes]}
        for index in range(boxes)
    ]
