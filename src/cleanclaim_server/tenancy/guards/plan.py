"""Which guards the models ask for. Pure reading of the model classes; no SQL here.

A model says what it wants by its base class and by class attributes:

- `PracticeRecord`, `AgencyRecord`: its scope, and thereby its row security and reference checks.
- `append_only = True`: rows are never updated or deleted.
- `append_only_except = {"field", ...}`: never deleted, and only these fields may change.
- `guarded_references = {"claim_id": "claims.Claim"}`: a plain UUID column that points to a record of
  the same practice, where a foreign key would turn the import direction round.
- `row_security = "audit" | "agency"`: for tables that are neither kind of record.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import apps
from django.db.models import ForeignKey, Model

from cleanclaim_server.tenancy.models import AgencyRecord, PracticeRecord

PRACTICE_TABLE = "practice_practice"
SEAL_LEG, SEAL_ENTRY, CLOSES = "ledger.leg", "ledger.entry", "ledger.period"


CREDITS = "patient_credits"
IN_CLOSED_MONTH = "this month is closed; book it in the open one [ledger.month_closed]"
CLOSED_BEFORE = "this month is closed already, and a closed month stays closed [ledger.month_closed]"
OVERDRAWN = "more of a patient credit is used than there is [ledger.over_allocated]"


class PlanError(TypeError):
    """A model cannot be guarded as it is written."""


@dataclass(frozen=True)
class Reference:
    """A column that names a row of another guarded table.

    `same` is the shared tenant column when child and parent have the same scope, else "". `required` says
    that the column is never null.
    """

    column: str
    parent: str
    parent_scope: str
    same: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """The guards of one table."""

    name: str
    scope: str  # practice, agency, audit
    references: tuple[Reference, ...] = ()
    append_only: bool = False
    frozen_columns: tuple[str, ...] = ()  # columns that never change, when some may
    seals: str = ""  # for the entries: the table of the legs
    sealed_by: str = ""  # for the legs: the table of the entries
    closed_by: str = ""  # for the entries: the table of closed months
    closes: bool = False  # for the closed months: each lies after the last

    @property
    def tenant_column(self) -> str:
        return "practice_id" if self.scope == "practice" else "agency_id"


def scope_of(model: type[Model]) -> str:
    """Return practice, agency or audit; "" for a table outside the walls."""
    declared = getattr(model, "row_security", "")
    if declared:
        return declared
    if issubclass(model, PracticeRecord):
        return "practice"
    if issubclass(model, AgencyRecord) or model._meta.db_table == PRACTICE_TABLE:
        return "agency"
    return ""


def plan_tables() -> list[Table]:
    """Return the plan of every guarded table, in the order of the apps.

    Raises:
        PlanError: A many-to-many field between guarded tables: its table has no practice and would
            be a side door. Write the joining model out as a `PracticeRecord`.
    """
    tables = []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta
        if meta.auto_created:
            if any(scope_of(field.related_model) for field in meta.fields if isinstance(field, ForeignKey)):
                raise PlanError(f"{meta.label} joins guarded tables without a practice of its own")
            continue
        if meta.proxy or not meta.managed or not scope_of(model):
            continue
        tables.append(_table(model))
    return tables


def _table(model: type[Model]) -> Table:
    meta, scope = model._meta, scope_of(model)
    append_only = bool(getattr(model, "append_only", False))
    exceptions = getattr(model, "append_only_except", None)
    frozen: tuple[str, ...] = ()
    if exceptions is not None:
        changeable = {meta.get_field(name).column for name in exceptions}
        frozen = tuple(f.column for f in meta.concrete_fields if f.column not in changeable)
    label = meta.label_lower
    leg = _model(SEAL_LEG)
    entry = _model(SEAL_ENTRY)
    period = _model(CLOSES)
    return Table(
        name=meta.db_table,
        scope=scope,
        references=tuple(_references(model, scope)),
        append_only=append_only,
        frozen_columns=frozen,
        seals=leg._meta.db_table if leg and label == SEAL_ENTRY else "",
        sealed_by=entry._meta.db_table if entry and label == SEAL_LEG else "",
        closed_by=period._meta.db_table if period and label == SEAL_ENTRY else "",
        closes=label == CLOSES,
    )


def _references(model: type[Model], scope: str):
    if scope not in {"practice", "agency"}:
        return
    own = "practice_id" if scope == "practice" else "agency_id"
    pointers = {
        field.column: field.related_model
        for field in model._meta.concrete_fields
        if isinstance(field, ForeignKey)
    }
    for column, label in getattr(model, "guarded_references", {}).items():
        pointers.setdefault(column, apps.get_model(label))
    if model._meta.label_lower == SEAL_LEG:
        pointers.setdefault("entry_id", apps.get_model(SEAL_ENTRY))
    for column, parent in pointers.items():
        parent_scope = scope_of(parent)
        if column == own or parent_scope not in {"practice", "agency"}:
            continue
        same = own if parent_scope == scope else ""
        required = not _field(model, column).null
        yield Reference(column, parent._meta.db_table, parent_scope, same, required)


def _field(model: type[Model], column: str):
    return next(field for field in model._meta.concrete_fields if field.column == column)


def _model(label: str) -> type[Model] | None:
    try:
        return apps.get_model(label)
    except LookupError:
        return None
