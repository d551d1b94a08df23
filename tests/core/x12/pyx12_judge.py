"""An independent validator as judge: what pyx12 says of a file.

Import it beside the other builders: ``from pyx12_judge import pyx12_errors``.
"""

from __future__ import annotations

import io
import json
import logging
import re
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pyx12
import pyx12.params
import pyx12.x12n_document

logging.getLogger("pyx12").setLevel(logging.CRITICAL)

# pyx12 ships the map of the 277 response, but its index of maps does not name it.
_LEFT_OUT = '<map vriic="005010X212" fic="HN" abbr="277">277.5010.X212.xml</map>'

# The guide allows any number of PLB segments; pyx12 takes each for a new footer.
_MISJUDGED = re.compile(r"\d+ PLB: 4 Loop FOOTER exceeded max count")
_BESIDE = '<map vriic="005010X214" fic="HN"'


@cache
def _maps() -> str:
    source = Path(pyx12.__file__).parent / "map"
    folder = Path(tempfile.mkdtemp(prefix="pyx12-maps-"))
    for path in source.iterdir():
        if path.suffix in (".xml", ".xsd"):
            shutil.copy(path, folder)
    index = folder / "maps.xml"
    text = index.read_text()
    assert _BESIDE in text
    index.write_text(text.replace(_BESIDE, _LEFT_OUT + _BESIDE, 1))
    return str(folder)


def pyx12_errors(data: bytes) -> list[str]:
    """Every error pyx12 finds, as ``segment number, segment, code, words``; empty for a clean file."""
    report = io.StringIO()
    try:
        valid = pyx12.x12n_document.x12n_document(
            pyx12.params.ParamsBase(),
            io.StringIO(data.decode()),
            None,
            None,
            fd_json=report,
            map_path=_maps(),
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
