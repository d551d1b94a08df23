"""The session while it is being coded: facts read once, lines, problems and reasons as they arise."""

from __future__ import annotations

from typing import Any

from cleanclaim.codesets import procedures
from cleanclaim.coding.facts import Requested, SessionFacts, read_requested
from cleanclaim.coding.result import Reason
from cleanclaim.coding.services import Circumstances, Refusal, Service
from cleanclaim.coding.vocabulary import PATIENT_ABSENT, SUPERVISED
from cleanclaim.findings import Finding, Severity, Where


def is_whole(text: str) -> bool:
    """Whether a text is a whole number of at most six digits."""
    return text.isascii() and text.isdecimal() and len(text) < 7


class Part:
    """One service of the session with its own minutes and participants."""

    __slots__ = ("minutes", "participant", "position", "service")

    def __init__(self, service: Service, minutes: int | None, participant: str, position: int) -> None:
        self.service, self.minutes, self.participant, self.position = service, minutes, participant, position


class Line:
    """A line while it is composed; `edit_modifiers` are 25, 59 or X."""

    __slots__ = ("code", "edit_modifiers", "group", "revenue_code", "units")

    def __init__(self, code: str, units: int, group: int, revenue_code: str = "") -> None:
        self.code, self.units, self.group, self.revenue_code = code, units, group, revenue_code
        self.edit_modifiers: list[str] = []


class Visit:
    """Working state of one coding. `problems` maps an E_ or W_ code to what was seen first."""

    __slots__ = (
        "facts",
        "has_em",
        "lines",
        "notes",
        "parts",
        "pos",
        "problems",
        "reasons",
        "requested",
        "revenue_codes",
        "timed_answer",
    )

    def __init__(self, facts: SessionFacts) -> None:
        self.facts = facts
        self.parts: list[Part] = []
        self.lines: list[Line] = []
        self.problems: dict[str, dict[str, Any]] = {}
        self.notes: list[Finding] = []
        self.reasons: list[Reason] = []
        self.requested: tuple[Requested, ...] = read_requested(facts.other_inputs.get("requested", ""))
        self.revenue_codes: dict[str, str] = {}
        self.has_em = False
        self.pos = ""
        self.timed_answer: tuple[Service, int, Circumstances] | None = None

    # What the facts say, with the defaults of the vocabulary.

    def profile(self, key: str, default: str = "") -> str:
        return self.facts.payer_profile.get(key, "") or default

    def other(self, key: str, default: str = "") -> str:
        return self.facts.other_inputs.get(key, "") or default

    def whole_number(self, key: str) -> int | None:
        """A whole number of `other_inputs`; None when absent.

        Raises:
            Refusal: Something else stands there.
        """
        text = self.other(key).strip()
        if not text:
            return None
        if not is_whole(text):
            raise Refusal("E_INPUT_NOT_UNDERSTOOD", column="other_inputs", key=key, expected="a whole number")
        return int(text)

    @property
    def is_medicare(self) -> bool:
        return self.facts.payer_kind == "medicare"

    @property
    def is_remote(self) -> bool:
        """Held by video or audio, where modality counts."""
        facts = self.facts
        return facts.modality in ("video", "audio") and facts.setting not in (
            "care_management",
            "facility_ub04",
        )

    @property
    def ncci_on(self) -> bool:
        return self.profile("ncci", "medicare" if self.is_medicare else "none") == "medicare"

    @property
    def is_supervised(self) -> bool:
        """An unlicensed clinician whom the payer accepts under a supervisor who bills."""
        return (
            self.facts.credential in SUPERVISED
            and self.profile("supervised") == "yes"
            and self.other("billing_npi") == "supervisor"
        )

    @property
    def sessions_are_separate(self) -> bool:
        return self.other("separate_sessions") == "yes"

    def patient_absent(self, part: Part) -> bool:
        return part.participant in PATIENT_ABSENT or self.other("patient_present") == "no"

    def circumstances(self, part: Part) -> Circumstances:
        facts = self.facts
        return Circumstances(
            on=facts.dos,
            payer_kind=facts.payer_kind,
            setting="telehealth" if self.is_remote else facts.setting,
            participant=part.participant,
            patient_type=facts.patient_type,
            with_em=self.has_em,
            rounding=self.profile("rounding", "midpoint"),
            crisis_blocks=self.profile("crisis_blocks", "started"),
        )

    # What is found.

    def refuse(self, code: str, /, **seen: Any) -> None:
        """Note a problem; the first of a kind keeps its facts."""
        self.problems.setdefault(code, seen)

    def because(self, text: str, source: str = "") -> None:
        self.reasons.append(Reason(text, source))

    def tell(self, code: str, message: str, column: str = "", /, **seen: Any) -> None:
        """Note something that does not change the answer."""
        self.notes.append(
            Finding(
                code=f"coding.{code}",
                severity=Severity.TELL,
                message=message,
                where=Where(column=column) if column else Where(),
                subject_id=self.facts.case_id,
                facts=seen,
            )
        )

    def codes(self) -> list[str]:
        """Computed codes, in line order."""
        return [line.code for line in self.lines]

    def all_codes(self) -> list[str]:
        """Computed and requested codes, each once."""
        return list(dict.fromkeys([*self.codes(), *(item.code for item in self.requested)]))


def is_em(code: str) -> bool:
    """Whether a code is an E/M that only prescribers report (G2211 is not one by itself)."""
    found = procedures.find(code)
    return found is not None and found.family.startswith("em_") and found.family != "em_addon"


PSYCHOTHERAPY_FAMILIES = frozenset(
    {"psychotherapy_individual", "psychotherapy_with_em", "crisis", "family", "group", "psychoanalysis"}
)


def is_psychotherapy(code: str) -> bool:
    """Whether a code is psychotherapy of any kind: individual, add-on, crisis, family, group."""
    found = procedures.find(code)
    return (
        found is not None
        and found.family in PSYCHOTHERAPY_FAMILIES
        and (found.system == "CPT" or code in ("G0017", "G0018"))
    )
