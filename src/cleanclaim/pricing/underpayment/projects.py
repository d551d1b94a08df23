"""Underpayments collected into projects per payer: list, letter, and what came back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import msgspec

from cleanclaim.money import dollars
from cleanclaim.pricing.underpayment.records import LABELS, Kind, Verdict

OVERPAYMENT_DAYS = 60
"""Days to report and return an overpayment of Medicare or Medicaid after it is identified."""
INVESTIGATION_DAYS_MAX = 180
"""The clock may stand still this long for an investigation begun in time and in good faith."""


class Project(msgspec.Struct, frozen=True):
    """Lines of one payer with one kind of underpayment."""

    id: str
    payer_id: str
    kind: Kind
    verdicts: tuple[Verdict, ...]

    @property
    def short_cents(self) -> int:
        return sum(one.short_cents for one in self.verdicts)

    @property
    def from_on(self) -> date:
        return min(one.line.on for one in self.verdicts)

    @property
    def to_on(self) -> date:
        return max(one.line.on for one in self.verdicts)

    @property
    def label(self) -> str:
        """The difference in plain words."""
        return LABELS[self.kind]


def collect_projects(verdicts: Iterable[Verdict], *, least_cents: int = 1) -> list[Project]:
    """Group underpaid lines by payer and kind, most money first.

    Args:
        least_cents: Projects below this are left out.
    """
    groups: dict[tuple[str, Kind], list[Verdict]] = {}
    for one in verdicts:
        if one.status == "underpaid" and one.kind is not None:
            groups.setdefault((one.line.payer_id, one.kind), []).append(one)
    projects = [
        Project(
            f"{payer}-{kind}", payer, kind, tuple(sorted(found, key=lambda one: (one.line.on, one.line.key)))
        )
        for (payer, kind), found in groups.items()
    ]
    kept = [project for project in projects if project.short_cents >= least_cents]
    return sorted(kept, key=lambda project: (-project.short_cents, project.id))


def project_rows(project: Project) -> list[dict[str, Any]]:
    """The list that goes with the letter: one row a line, amounts in cents; no names, no birth dates."""
    return [
        {
            "claim_number": one.line.claim_number,
            "payer_control_number": one.line.payer_control_number,
            "date_of_service": one.line.on.isoformat(),
            "code": ":".join((one.line.code, *one.line.modifiers)),
            "units": one.line.units,
            "place_of_service": one.line.place,
            "clinician_level": one.line.credential,
            "charge_cents": one.line.charge_cents,
            "received_on": _day(one.line.received_on),
            "paid_on": _day(one.line.paid_on),
            "allowed_cents": one.allowed_cents,
            "due_cents": one.expected_allowed_cents,
            "paid_cents": one.line.paid_cents,
            "short_cents": one.short_cents,
            "rate": one.rate_id,
            "why": one.why,
        }
        for one in project.verdicts
    ]


def project_letter(
    project: Project,
    *,
    payer_name: str,
    practice_name: str,
    tax_id: str,
    written_on: date,
    signer: str = "",
    interest_cents: int = 0,
    interest_by: Sequence[str] = (),
) -> str:
    """The text of the letter: what was agreed, what was paid, what we ask. Paragraphs by blank lines.

    Args:
        interest_cents: Interest for late payment that the law makes due beside the difference.
        interest_by: The laws that say so, as they are cited.

    Late payment itself (`Kind.INTEREST_MISSING`) has a letter of its own: no rate is disputed in it.
    """
    if project.kind is Kind.INTEREST_MISSING:
        return _late_letter(project, payer_name, practice_name, tax_id, written_on, signer, interest_by)
    sources = sorted({one.source for one in project.verdicts if one.source})
    agreed = "; ".join(sources) if sources else "our agreement with you"
    count = len(project.verdicts)
    claims = len({one.line.claim_number for one in project.verdicts})
    counted = f"{_count(claims, 'claim')}, {_count(count, 'service line')}"
    lines = [
        written_on.strftime("%B %d, %Y").replace(" 0", " "),
        f"{payer_name}\nProvider disputes",
        f"Underpaid claims of {practice_name}, tax id {tax_id}\n"
        f"Dates of service {project.from_on.isoformat()} to {project.to_on.isoformat()}; "
        f"{counted}, {dollars(project.short_cents)} underpaid",
        f"In reviewing your remittances we found that {project.label}. The amounts due follow from {agreed}. "
        "The list with this letter shows for each line what you allowed, what is due, by which rate, and the "
        "difference.",
        _example(project),
        _interest(interest_cents, interest_by),
        "Please reprocess these claims, pay the difference with the interest that is due by law or contract, "
        "and tell us when the cause is corrected in your system. If you read the agreement otherwise, please "
        "name the provision.",
        f"Sincerely,\n{signer or practice_name}",
    ]
    return "\n\n".join(line for line in lines if line)


def _late_letter(
    project: Project,
    payer_name: str,
    practice_name: str,
    tax_id: str,
    written_on: date,
    signer: str,
    laws: Sequence[str],
) -> str:
    """The letter that asks for the interest on payments that were right and late."""
    by = (
        "; ".join(laws) if laws else "; ".join(sorted({one.source for one in project.verdicts if one.source}))
    )
    one = max(project.verdicts, key=lambda each: (each.short_cents, each.line.key))
    days = (one.line.paid_on - one.line.received_on).days if one.line.paid_on and one.line.received_on else 0
    counted = _count(len(project.verdicts), "service line")
    lines = [
        written_on.strftime("%B %d, %Y").replace(" 0", " "),
        f"{payer_name}\nProvider disputes",
        f"Interest on late payments to {practice_name}, tax id {tax_id}\n"
        f"Dates of service {project.from_on.isoformat()} to {project.to_on.isoformat()}; "
        f"{counted}, {dollars(project.short_cents)} of interest not paid",
        "The claims on the list with this letter were paid after the last day for it, and without the "
        f"interest that is due for the delay under {by or 'our agreement with you'}. The list shows for each "
        "line the day on which you had the claim, the day of payment, what was paid, and the interest.",
        f"For example, claim {one.line.claim_number} "
        f"(your number {one.line.payer_control_number or 'unknown'}), "
        f"{one.line.code} on {one.line.on.isoformat()}: received {_day(one.line.received_on)}, paid "
        f"{dollars(one.line.paid_cents)} on {_day(one.line.paid_on)}, {days} days later; interest due "
        f"{dollars(one.short_cents)}.",
        "Please pay the interest, and tell us if you count the days or the rate otherwise and by which "
        "provision.",
        f"Sincerely,\n{signer or practice_name}",
    ]
    return "\n\n".join(lines)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _interest(cents: int, rules: Sequence[str]) -> str:
    if not cents:
        return ""
    by = f" under {', '.join(rules)}" if rules else ""
    owed = f"Interest of {dollars(cents)} is due for that{by}"
    return f"Some of these lines were also paid late. {owed}; the list shows it by line."


def _example(project: Project) -> str:
    one = project.verdicts[0]
    allowed = dollars(one.allowed_cents or 0)
    due = dollars(one.expected_allowed_cents or 0)
    return (
        f"For example, claim {one.line.claim_number} "
        f"(your number {one.line.payer_control_number or 'unknown'}), "
        f"{one.line.code} on {one.line.on.isoformat()}: allowed {allowed}, due {due}, "
        f"underpaid {dollars(one.short_cents)}; {one.why}."
    )


class Recovery(msgspec.Struct, frozen=True):
    """What came back for a project."""

    project_id: str
    asked_cents: int
    recovered_cents: int
    lines_recovered: int
    lines_open: tuple[str, ...]
    """Keys of lines that are still short."""

    @property
    def open_cents(self) -> int:
        return self.asked_cents - self.recovered_cents

    @property
    def is_closed(self) -> bool:
        return not self.lines_open


def recognise_recovery(project: Project, later: Mapping[str, Verdict]) -> Recovery:
    """Compare a project with the state of its lines after later remittances.

    Args:
        later: Verdict by line key, from the payer's newest word. A line that is not in it stays open.
            Interest that was missing counts as recovered when the verdict no longer asks for it.
    """
    recovered = done = 0
    still: list[str] = []
    for one in project.verdicts:
        new = later.get(one.line.key)
        left = one.short_cents if new is None else max(0, new.short_cents) if new.status == "underpaid" else 0
        if new is not None and new.status in ("denied", "unknown"):
            left = one.short_cents
        recovered += max(0, one.short_cents - left)
        if left:
            still.append(one.line.key)
        else:
            done += 1
    return Recovery(project.id, project.short_cents, recovered, done, tuple(still))


class OverpaymentClock(msgspec.Struct, frozen=True):
    """When an overpayment must be reported and returned.

    Source:
        42 CFR 401.305 (Medicare Parts A and B), 42 CFR 422.326 (Part C); section 1128J(d) of the Social
        Security Act names Medicaid too. Other payers: contract and state law, so no day is set.
    """

    identified_on: date
    due_on: date | None
    is_enforceable: bool
    why: str

    def days_left(self, today: date) -> int | None:
        """Negative when the day has passed."""
        return None if self.due_on is None else (self.due_on - today).days


def overpayment_clock(
    identified_on: date,
    payer_kind: str,
    *,
    investigating_since: date | None = None,
    concluded_on: date | None = None,
) -> OverpaymentClock:
    """The sixty-day clock of one overpayment.

    Args:
        investigating_since: A timely investigation of related overpayments, which suspends the clock until
            it is concluded, at most 180 days.
        concluded_on: Day it was concluded; None while it lasts.

    Examples:
        >>> overpayment_clock(date(2026, 3, 2), "medicare").due_on
        datetime.date(2026, 5, 1)
    """
    if payer_kind not in ("medicare", "medicaid", "medicare_advantage"):
        why = "the contract or state law sets the time for this payer; none is encoded"
        return OverpaymentClock(identified_on, None, False, why)
    start, why = identified_on, "sixty days after it was identified"
    if investigating_since is not None:
        limit = investigating_since + timedelta(INVESTIGATION_DAYS_MAX)
        start = min(concluded_on or limit, limit)
        why = f"sixty days after the investigation, which may last until {limit.isoformat()}"
    return OverpaymentClock(identified_on, start + timedelta(OVERPAYMENT_DAYS), True, why)
