"""Fixtures shared by every test."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def samples_dir() -> Path:
    """The folder of public sample files, which stays outside the repository."""
    folder = Path(os.environ.get("CLEANCLAIM_SAMPLES", REPOSITORY.parent / "shared" / "samples" / "x12"))
    if not folder.is_dir():
        pytest.skip("the public X12 samples are not on this machine")
    return folder
