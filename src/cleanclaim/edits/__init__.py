"""Claim edits: what would be rejected or denied, said before the claim is sent.

`run_edits` runs the whole catalogue over claim frames. To add an edit, add one file to ``checks``
with an `EDIT`, a passing and a failing row to ``tests/core/edits/test_catalogue.py``, and write the
catalogue page anew with ``python -m cleanclaim.edits.catalogue > docs/reference/edits.md``.
"""

from cleanclaim.edits.model import ClaimResult, Edit, EditReport, NotChecked
from cleanclaim.edits.registry import all_edits, find_edit
from cleanclaim.edits.run import run_edits

__all__ = ["ClaimResult", "Edit", "EditReport", "NotChecked", "all_edits", "find_edit", "run_edits"]
