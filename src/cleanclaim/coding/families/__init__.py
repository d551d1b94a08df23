"""One module per family of services; each lists its services and holds their arithmetic."""

from cleanclaim.coding.families import (
    aba,
    care_management,
    community,
    crisis,
    em,
    evaluation,
    facility,
    family,
    group,
    health_behavior,
    listed,
    psychotherapy,
    substance_use,
    testing,
    treatments,
)

FAMILIES = (
    psychotherapy.SERVICES,
    evaluation.SERVICES,
    em.SERVICES,
    crisis.SERVICES,
    family.SERVICES,
    group.SERVICES,
    testing.SERVICES,
    health_behavior.SERVICES,
    care_management.SERVICES,
    substance_use.SERVICES,
    facility.SERVICES,
    aba.SERVICES,
    community.SERVICES,
    treatments.SERVICES,
    listed.SERVICES,
)
