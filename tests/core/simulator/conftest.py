"""The builders of this folder, and the independent judge of X12 files, are imported by path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent / "x12")]
