"""An independent validator as judge: what pyx12 says of a file.

It knows 837P, 837I, 835, 277CA and 999; its map of the 277 response cannot follow the level tree.

Import it beside the other builders: ``from pyx12_judge import pyx12_errors``.
"""

from __future__ import annotations

import functools
import io
import json
import logging
import re

import pyx12.errors
import pyx12.map_if
import pyx12.params
import pyx12.x12n_document

logging.getLogger("pyx12").setLevel(logging.CRITICAL)

# The guide allows any number of PLB segments; pyx12 takes each for a new footer.
_MISJUDGED = re.compile(r"\d+ PLB: 4 Loop FOOTER exceeded max count")


# Nearly all of a judgment was reading the same maps again. A map is only read while a file is judged (what was
# counted is in the walker), so one serves all files.
pyx12.map_if.load_map_file = functools.cache(pyx12.map_if.load_map_file)
_PARAMETERS = pyx12.params.ParamsBase()


def pyx12_errors(data: bytes) -> list[str]:
    """Every error pyx12 finds, as ``segment number, segment, code, words``; empty for a clean file."""
    report = io.StringIO()
    try:
        valid = pyx12.x12n_document.x12n_document(
            _PARAMETERS,
            io.StringIO(data.decode()),
            None,
            None,
            fd_json=report,
        )
    except pyx12.errors.EngineError as error:
        return [f"engine: {error}"]
    errors: list[str] = []
    _gather(json.loads(report.getvalue() or "{}"), "", errors)
    kept = [error for error in errors if not _MISJUDGED.match(error)]
    if errors and not kept:
        return []
    return kept or ([] if valid else ["pyx12 calls the file invalid without saying why"])


def _gather(node: dict, place: str, errors: list[str]) -> None:
    if "seg_id" in node:
        place = f"{node['seg_count']} {node['seg_id']}"
    element = f" {node['ele_pos']}" if "ele_pos" in node else ""
    errors += [f"{place}{element}: {error['err_cde']} {error['err_str']}" for error in node.get("errors", [])]
    for key in ("interchanges", "groups", "transactions", "segments", "elements"):
        for child in node.get(key, []):
            _gather(child, place, errors)
