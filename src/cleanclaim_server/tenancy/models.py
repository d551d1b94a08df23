"""What every stored record shares: a time-ordered key and a tenant.

Three scopes exist (DESIGN: installation, agency, practice). Everything about patients and money is
a `PracticeRecord`; what the agency shares (payers, files, users) is an `AgencyRecord`.
"""

from __future__ import annotations

from uuid import UUID

import uuid_utils.compat
from django.db import models


def new_id() -> UUID:
    """A UUIDv7, made by the application so that encryption can bind to it before the row exists."""
    return uuid_utils.compat.uuid7()


class Record(models.Model):
    """A row of its own, with an application-made key."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta:
        abstract = True


class AgencyRecord(Record):
    """A row that belongs to an agency and is shared by its practices."""

    agency = models.ForeignKey("practice.Agency", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class PracticeRecord(Record):
    """A row that belongs to one practice.

    On PostgreSQL such tables have forced row-level security, and their foreign keys to other
    practice records are composite (practice, id); see `tenancy/guards`.
    """

    practice = models.ForeignKey("practice.Practice", on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True
