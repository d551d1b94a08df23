"""Psychiatric diagnostic evaluation, with and without medical services, and medication management."""

from __future__ import annotations

from cleanclaim.coding.services import Service, fixed
from cleanclaim.coding.vocabulary import PRESCRIBERS, PSYCHOLOGISTS, THERAPISTS

SERVICES = (
    Service(
        name="psychiatric diagnostic evaluation",
        family="evaluation",
        eligible=PRESCRIBERS | THERAPISTS,
        untimed=fixed("90791"),
        rule="90791, no minimum in CPT",
        source="LCD L34616",
    ),
    Service(
        name="psychiatric diagnostic evaluation with medical services",
        family="evaluation",
        eligible=PRESCRIBERS,
        untimed=fixed("90792"),
        rule="90792 needs a prescriber's scope",
        source="LCD L34616",
    ),
    Service(
        name="pharmacologic management",
        family="evaluation",
        eligible=PSYCHOLOGISTS,
        untimed=fixed("90863"),
        rule="90863 rides on individual psychotherapy by a prescribing psychologist",
        source="NCCI add-on code file 2024-06-03",
    ),
)
