"""Compile the rule files: ``python -m cleanclaim.rules``."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

from cleanclaim.rules.files import COMPILED, compile_rules


def main() -> None:
    """Write the compiled artefact beside its sources."""
    Path(str(resources.files("cleanclaim_data").joinpath(COMPILED))).write_text(
        compile_rules(), encoding="utf-8"
    )


if __name__ == "__main__":
    main()
