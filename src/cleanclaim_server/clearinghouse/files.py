"""Files are kept first and read afterwards: sealed, hashed, never changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from cleanclaim_server.clearinghouse.fail_points import reach
from cleanclaim_server.clearinghouse.models import FileKind, StoredFile, TradingPartner
from cleanclaim_server.clearinghouse.separate_notes import refuse_bytes
from cleanclaim_server.tenancy.bulk import create_rows


class FileChanged(ValueError):
    """What was kept is not what comes back."""


def store_file(
    agency_id: UUID, *, name: str, data: bytes, direction: str, partner: TradingPartner | None, now: datetime,
    stored_by: UUID | None = None, practice_ids: Iterable[UUID] = (), kind: str = FileKind.UNKNOWN,
    transactions: int = 0,
) -> StoredFile:  # fmt: skip
    """Keep a file byte for byte, in the transaction that is open.

    Args:
        agency_id: Whose it is.
        name: As it came or leaves; path parts and control characters are taken off.
        data: The bytes.
        direction: "in" or "out".
        partner: From or to whom, if known.
        now: When it came or was made.
        stored_by: The person who brought it, if one did.
        practice_ids: Practices whose data it holds, once known.
        kind: What it is, once known.
        transactions: How many transaction sets, once known.

    Raises:
        SeparateNoteRefused: A psychotherapy or SUD counseling note came in; nothing of it is kept.
    """
    if direction not in {"in", "out"}:
        raise ValueError(f"direction is 'in' or 'out', not {direction!r}")
    if direction == "in":
        refuse_bytes(data)
    reach("received")
    digest = hashlib.sha256(data).hexdigest()
    reach("hashed")
    file = StoredFile.objects.create(
        agency_id=agency_id, name=plain_name(name), direction=direction, partner=partner, content=data,
        sha256=digest, size=len(data), kind=kind, transactions=transactions,
        practice_ids=[str(key) for key in practice_ids], received_at=now, stored_by=stored_by,
    )  # fmt: skip
    reach("stored")
    return file


def store_files(
    agency_id: UUID, arrived: Sequence[tuple[str, bytes]], *, direction: str, partner: TradingPartner | None,
    now: datetime, stored_by: UUID | None = None,
) -> list[StoredFile]:  # fmt: skip
    """Keep many files, as `store_file` keeps one, by one statement.

    Args:
        arrived: (name, bytes) of each.
    """
    if direction == "in":
        for _, data in arrived:
            refuse_bytes(data)
    reach("received")
    files = [
        StoredFile(
            agency_id=agency_id, name=plain_name(name), direction=direction, partner=partner, content=data,
            sha256=hashlib.sha256(data).hexdigest(), size=len(data), received_at=now, stored_by=stored_by,
        )
        for name, data in arrived
    ]  # fmt: skip
    reach("hashed")
    create_rows(StoredFile, files)
    reach("stored")
    return files


def read_bytes(file: StoredFile) -> bytes:
    """The bytes as they were kept.

    Raises:
        FileChanged: They no longer have their hash.
        SealError: They were moved or altered.
    """
    data = file.content
    if hashlib.sha256(data).hexdigest() != file.sha256:
        raise FileChanged(f"file {file.pk} does not have its hash any more [file.hash]")
    return data


def plain_name(name: str) -> str:
    """A name for lists and logs: its last part, printable, at most 200 characters.

    Examples:
        >>> plain_name("../../etc/pass\\nwd")
        'passwd'
    """
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(ch for ch in last if ch.isprintable())[:200] or "unnamed"
