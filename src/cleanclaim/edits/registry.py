"""The catalogue: every module of ``cleanclaim.edits.checks`` holds one edit named `EDIT`."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from cleanclaim.edits import checks
from cleanclaim.edits.model import Edit


@cache
def all_edits() -> tuple[Edit, ...]:
    """Every edit, ordered by id.

    Raises:
        ValueError: A module holds an edit under another name than its file's.
    """
    edits = []
    for module in pkgutil.iter_modules(checks.__path__):
        edit: Edit = importlib.import_module(f"{checks.__name__}.{module.name}").EDIT
        if edit.id != f"edits.{module.name}":
            raise ValueError(f"{module.name} holds {edit.id}; an edit's id is edits.<file name>")
        edits.append(edit)
    return tuple(sorted(edits, key=lambda edit: edit.id))


def find_edit(edit_id: str) -> Edit:
    """One edit by id.

    Raises:
        KeyError: No such edit.
    """
    for edit in all_edits():
        if edit.id == edit_id:
            return edit
    raise KeyError(edit_id)
