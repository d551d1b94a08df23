"""A practice comes on file: itself, its people, payers and prices from one file, its patients from another.

Both may be given again: what is on file stays as it is, what is missing is added.
"""

from cleanclaim_server.cycle.registering.patients import PATIENT_COLUMNS, PatientImport, take_patients
from cleanclaim_server.cycle.registering.practice_file import (
    PracticeFile,
    PracticeFileError,
    read_practice_file,
    set_up_practice,
)

__all__ = [
    "PATIENT_COLUMNS",
    "PatientImport",
    "PracticeFile",
    "PracticeFileError",
    "read_practice_file",
    "set_up_practice",
    "take_patients",
]
