"""The builder's form: rows of conditions and one action, as people type them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cleanclaim.edits.practice_rules import (
    FIELDS,
    OPERATORS,
    ROLES,
    SETTABLE,
    Kind,
    PracticeRule,
    RuleInvalid,
    read_rule,
)

MOST_ROWS = 20
ACTIONS = [
    ("stop", "Stop the claim"),
    ("ask", "Stop until a person gives a reason"),
    ("warn", "Say something"),
    ("add_modifier", "Add a modifier to the line"),
    ("set", "Set a field"),
    ("route", "Hold it for a role"),
    ("hold_until", "Hold it until a day"),
]
MATCHES = [("all", "all of these hold"), ("any", "any of these holds")]
_GROUPS = (("claim", "The claim"), ("line", "A service line"))
_HINTS = {
    Kind.CENTS: "Dollars, such as 150.00",
    Kind.DAY: "A day, such as 2026-11-09",
    Kind.NUMBER: "A whole number",
    Kind.CODES: "Codes, with commas between",
}


@dataclass
class Row:
    """One condition in the form."""

    field: str = "payer_id"
    operator: str = "is"
    values: str = ""
    error: str = ""

    @property
    def fields(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Fields to choose from, grouped."""
        return [
            (title, [(one.name, _capital(one.label)) for one in FIELDS.values() if one.level == level])
            for level, title in _GROUPS
        ]

    @property
    def operators(self) -> list[tuple[str, str]]:
        """Operators of the chosen field."""
        kind = FIELDS[self.field].kind
        if kind is Kind.FLAG:
            return [("yes", "yes"), ("no", "no")]
        return [(one.name, one.words) for one in OPERATORS[kind].values()]

    @property
    def takes(self) -> int:
        """How many values the operator takes; -1 is one or more."""
        return OPERATORS[FIELDS[self.field].kind][self.operator].values

    @property
    def choices(self) -> list[tuple[str, str]]:
        """Closed values, when one is to be chosen."""
        return (
            [(key, _capital(words)) for key, words in FIELDS[self.field].choices] if self.takes == 1 else []
        )

    @property
    def hint(self) -> str:
        """What to type."""
        if self.takes == 2:
            return "Two values with a comma between, both included"
        if FIELDS[self.field].choices and self.takes == -1:
            return "With commas: " + ", ".join(key for key, _ in FIELDS[self.field].choices)
        if self.takes == -1:
            return "One or more, with commas between"
        return _HINTS.get(FIELDS[self.field].kind, "")

    def settle(self) -> None:
        """Keep field and operator inside the closed lists, so that the form can always be drawn."""
        if self.field not in FIELDS:
            self.field, self.values = "payer_id", ""
        operators = OPERATORS[FIELDS[self.field].kind]
        if self.operator not in operators:
            self.operator = next(iter(operators))

    def document(self) -> dict[str, Any]:
        """The condition as a rule writes it."""
        if self.takes == 0:
            values: list[str] = []
        elif self.takes == 1:
            values = [self.values.strip()] if self.values.strip() else []
        else:
            values = [value.strip() for value in self.values.split(",") if value.strip()]
        return {"field": self.field, "operator": self.operator, "values": values}


@dataclass
class RuleForm:
    """The whole form."""

    name: str = ""
    reason: str = ""
    match: str = "all"
    rows: list[Row] = field(default_factory=lambda: [Row()])
    action: dict[str, str] = field(default_factory=lambda: {"kind": "warn"})
    errors: list[str] = field(default_factory=list)

    actions = ACTIONS
    matches = MATCHES
    settable = [(name, _words.label.capitalize()) for name, _words in SETTABLE.items()]
    roles = [(role, role.replace("_", " ").capitalize()) for role in ROLES]

    @property
    def example(self) -> str:
        """A value that fits the field to set."""
        return SETTABLE[self.action["field"]].example if self.action.get("field") in SETTABLE else "10"

    @classmethod
    def of_document(cls, document: Mapping[str, Any] | None) -> RuleForm:
        """The form of a rule that exists, or an empty one. What cannot be drawn is left at its default."""
        if not document:
            return cls()
        rows = [
            Row(
                str(one.get("field", "")),
                str(one.get("operator", "")),
                ", ".join(map(str, one.get("values", ()))),
            )
            for one in document.get("conditions", ())
        ] or [Row()]
        for row in rows:
            row.settle()
        action = {key: str(value) for key, value in document.get("action", {}).items() if value is not None}
        return cls(
            name=str(document.get("name", "")),
            reason=str(document.get("reason", "")),
            match=str(document.get("match", "all")),
            rows=rows,
            action={"kind": "warn", **action},
        )

    @classmethod
    def of_post(cls, post: Any) -> RuleForm:
        """The form as it was sent."""
        fields, operators = post.getlist("field"), post.getlist("operator")
        values = post.getlist("values")
        rows = [
            Row(
                name[:40],
                operators[place][:20] if place < len(operators) else "",
                values[place][:4000] if place < len(values) else "",
            )
            for place, name in enumerate(fields[:MOST_ROWS])
        ] or [Row()]
        for row in rows:
            row.settle()
        kinds = dict(ACTIONS)
        kind = post.get("kind", "warn")
        action = {"kind": kind if kind in kinds else "warn"}
        for key in ("message", "set_field", "value", "role", "until", "days_after_service"):
            action["field" if key == "set_field" else key] = post.get(key, "").strip()[:400]
        return cls(
            name=post.get("name", "").strip()[:120],
            reason=post.get("reason", "").strip()[:400],
            match=post.get("match", "all"),
            rows=rows,
            action=action,
        )

    def reshape(self, post: Any) -> bool:
        """Add or take away a condition, when a button asks for it. True when one did."""
        if post.get("add"):
            if len(self.rows) < MOST_ROWS:
                self.rows.append(Row("code", "is"))
            return True
        place = post.get("remove", "")
        if place.isascii() and place.isdecimal() and int(place) < len(self.rows):
            del self.rows[int(place)]
            self.rows = self.rows or [Row()]
            return True
        return bool(post.get("redraw"))

    def rule(self, *, named: bool = False) -> PracticeRule:
        """The rule that the form says.

        Args:
            named: Take a name for granted, to show the sentence while the name is still missing.

        Raises:
            RuleInvalid: With every fault.
        """
        kind = self.action["kind"]
        wanted = {
            "set": ("field", "value"), "add_modifier": ("value",), "route": ("role", "message"),
            "hold_until": ("until", "days_after_service", "message"),
        }.get(kind, ("message",))  # fmt: skip
        action: dict[str, Any] = {"kind": kind}
        for key in wanted:
            value = self.action.get(key, "")
            if key == "days_after_service":
                if value:
                    action[key] = (
                        int(value) if value.isascii() and value.isdecimal() and len(value) < 5 else -1
                    )
            elif key == "value":
                action[key] = value.upper() if kind == "add_modifier" else value
            elif value:
                action[key] = value
        return read_rule(
            {
                "name": self.name or ("A rule" if named else ""),
                "reason": self.reason,
                "match": self.match,
                "conditions": [row.document() for row in self.rows],
                "action": action,
            }
        )

    def take(self, invalid: RuleInvalid) -> None:
        """Put each fault beside its condition, the others above the form."""
        for finding in invalid.findings:
            place = finding.where.column.removeprefix("condition ")
            if place.isdecimal() and int(place) <= len(self.rows):
                said = finding.message.partition(": ")[2] or finding.message
                self.rows[int(place) - 1].error = f"{_capital(said)} {finding.remedy}"
            else:
                self.errors.append(f"{finding.message} {finding.remedy}")


def _capital(text: str) -> str:
    text = text.removeprefix("the ")
    return text[:1].upper() + text[1:]
