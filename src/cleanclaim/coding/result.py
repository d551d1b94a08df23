"""What the coding engine answers."""

from __future__ import annotations

import msgspec

from cleanclaim.findings import Finding

BILL = "bill"
BILL_WITH_WARNING = "bill_with_warning"
ERROR = "error"


class Reason(msgspec.Struct, frozen=True, omit_defaults=True):
    """One step of the answer: a sentence, and the document it rests on."""

    text: str
    source: str = ""


class CodedLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line to bill.

    Attributes:
        code: CPT or HCPCS.
        units: Whole units.
        modifiers: In the order that the claim carries them.
        revenue_code: Four digits, on facility claims only.
    """

    code: str
    units: int
    modifiers: tuple[str, ...] = ()
    revenue_code: str = ""

    @property
    def spelled(self) -> str:
        return f"{self.revenue_code}:{self.code}" if self.revenue_code else self.code


class CodingResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """The answer for one session.

    Attributes:
        result: bill, bill_with_warning or error.
        lines: What to bill, in claim order; empty on an error.
        pos: Place of service of the claim, two digits; empty on an error or a facility claim.
        error_code: The E_ or W_ code that decided; empty for a clean bill.
        findings: That code's finding first, then whatever else was seen.
        why: The reasons in order, fit to be shown to a biller.
        next_threshold: The next minute at which the answer would change; None when more time
            changes nothing or the service is untimed.
        next_codes: What would be billed from that minute, spelled like ``90839;90840``.
        billed_under: own, supervisor or organisation: whose NPI the claim is billed under.
        case_id: The caller's key.
    """

    result: str
    lines: tuple[CodedLine, ...] = ()
    pos: str = ""
    error_code: str = ""
    findings: tuple[Finding, ...] = ()
    why: tuple[Reason, ...] = ()
    next_threshold: int | None = None
    next_codes: str = ""
    billed_under: str = "own"
    case_id: str = ""

    @property
    def is_billable(self) -> bool:
        return self.result != ERROR

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(line.spelled for line in self.lines)

    @property
    def units(self) -> tuple[int, ...]:
        return tuple(line.units for line in self.lines)

    @property
    def modifiers(self) -> tuple[tuple[str, ...], ...]:
        return tuple(line.modifiers for line in self.lines)

    def spelled(self) -> dict[str, str]:
        """The answer as the session file spells it: ``;`` between lines, ``+`` inside one, ``-`` for none."""
        return {
            "result": self.result,
            "codes": ";".join(self.codes),
            "units": ";".join(str(units) for units in self.units),
            "modifiers": ";".join("+".join(line.modifiers) or "-" for line in self.lines),
            "pos": self.pos,
            "error_code": self.error_code,
        }
