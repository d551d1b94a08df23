"""One row: its cells to facts, each fault a finding of its own."""

from __future__ import annotations

from typing import Any

from cleanclaim.coding import vocabulary as words
from cleanclaim.coding.facts import SessionFacts, group_size
from cleanclaim.coding.services import register
from cleanclaim.coding.session_file import cells as cell
from cleanclaim.coding.session_file.cells import CellFault
from cleanclaim.findings import Finding, Severity, Where

_REMEDIES = {
    "date_not_read": "Write the date of service as 2026-11-09.",
    "time_not_read": "Write clock times as 09:00.",
    "number_not_read": "Write minutes and units as whole numbers.",
    "word_not_known": "Use one of the documented words.",
    "value_missing": "Fill in the cell.",
    "pairs_not_read": "Write pairs as key=value with ; between them.",
    "list_not_aligned": "Give one entry per service, in the same order, with ; between them.",
}


def row_finding(
    line: int,
    column: str,
    code: str,
    message: str,
    *,
    severity: Severity = Severity.STOP,
    subject_id: str = "",
    remedy: str = "",
    **facts: Any,
) -> Finding:
    where = Where(line=line, column=column)
    return Finding(
        f"sessions.{code}", severity, message, where, subject_id, facts, remedy or _REMEDIES.get(code, "")
    )


class RowReader:
    """Reads one row, collecting the faults of all its cells."""

    def __init__(self, line: int, given: dict[str, str], required: frozenset[str], subject: str) -> None:
        self.line, self.given, self.required, self.subject = line, given, required, subject
        self.findings: list[Finding] = []
        self.sound = True

    def fault(self, column: str, fault: CellFault) -> None:
        self.sound = False
        message = f"{column} needs {fault.expected}; there is {fault.seen or 'something else'}."
        self.findings.append(
            row_finding(self.line, column, fault.code, message, subject_id=self.subject, remedy=fault.remedy,
                seen=fault.seen, expected=fault.expected)
        )  # fmt: skip

    def read(self, column: str, reader: Any, absent: Any = None) -> Any:
        """The cell through its reader; `absent` when it is empty or faulty."""
        text = self.given.get(column, "")
        try:
            if text:
                return reader(text)
            if column in self.required:
                raise CellFault("value_missing", "a value", "nothing")
        except CellFault as fault:
            self.fault(column, fault)
        return absent

    def list_of(self, column: str, reader: Any) -> tuple[Any, ...]:
        """Entries with ``;`` between them; an empty entry is None."""
        entries: tuple[Any, ...] = self.read(
            column,
            lambda text: tuple(reader(item.strip()) if item.strip() else None for item in text.split(";")),
            (),
        )
        return entries

    def facts(self) -> SessionFacts | None:
        services = self.list_of("service", lambda text: cell.read_word(text, register(), "a known service"))
        minutes = self.list_of("minutes", cell.read_whole)
        participants = self.list_of("participants", _participant)
        factors = self.read("ic_factors", _factors, ())
        for column, entries in (("minutes", minutes), ("participants", participants)):
            if len(entries) > max(1, len(services)):
                self.fault(
                    column, CellFault("list_not_aligned", "one entry per service", f"{len(entries)} entries")
                )
        values: dict[str, Any] = {
            "dos": self.read("dos", cell.read_date),
            "service": tuple(name for name in services if name),
            "setting": self._word("setting", words.SETTING_POS),
            "credential": self.read("credential", _credential, ""),
            "payer_kind": self._word("payer_kind", words.PAYER_KINDS),
            "start_time": self.read("start_time", cell.read_time),
            "stop_time": self.read("stop_time", cell.read_time),
            "minutes": minutes,
            "with_em": self.read("with_em", cell.read_yes, False),
            "em_minutes": self.read("em_minutes", cell.read_whole),
            "em_basis": self._word("em_basis", words.EM_BASES),
            "patient_type": self._word("patient_type", words.PATIENT_TYPES),
            "participants": tuple(entry or "" for entry in participants),
            "crisis": self.read("crisis", cell.read_yes, False),
            "ic_factors": factors,
            "modality": self._word("modality", words.MODALITIES) or "in_person",
            "patient_at_home": self.read("patient_at_home", cell.read_yes, False),
            "payer_profile": self._pairs("payer_profile", words.PROFILE_KEYS),
            "other_inputs": self._pairs("other_inputs", words.OTHER_KEYS),
            "units": self.read("units", cell.read_whole),
            "case_id": self.given.get("case_id", ""),
        }
        return SessionFacts(**values) if self.sound and values["dos"] is not None else None

    def _word(self, column: str, allowed: Any) -> str:
        what = ", ".join(sorted(word for word in allowed if word))
        word: str = self.read(column, lambda text: cell.read_word(text, allowed, what), "")
        return word

    def _pairs(self, column: str, known: frozenset[str]) -> dict[str, str]:
        pairs: dict[str, str] = self.read(column, cell.read_pairs, {})
        near = [key for key in pairs if key not in known]
        if near:
            message = f"{len(near)} key(s) of {column} are not known and are not read."
            remedy = "Known keys: " + ", ".join(sorted(known)) + "."
            note = row_finding(
                self.line, column, "key_not_known", message,
                severity=Severity.TELL, subject_id=self.subject, remedy=remedy,
            )  # fmt: skip
            self.findings.append(note)
        return pairs


def _participant(text: str) -> str:
    if group_size(text.lower()) is not None:
        return text.lower()
    return cell.read_word(text, words.PARTICIPANTS, "patient, family+patient, group:N, …")


def _factors(text: str) -> tuple[str, ...]:
    items = [item.strip() for item in text.replace("+", ";").split(";") if item.strip()]
    return tuple(cell.read_word(item, words.IC_FACTORS, "a known factor") for item in items)


def _credential(text: str) -> str:
    found = words.canonical_credential(text)
    if not found:
        return cell.read_word(text, words.CREDENTIALS, ", ".join(sorted(words.CREDENTIALS)))
    return found
