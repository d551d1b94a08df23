"""The sealing keys: a file outside the database, readable by its owner alone.

The newest key encrypts; older ones still open what they sealed. The index key stays, since changing
it would orphan every blind index.
"""

from __future__ import annotations

import base64
import json
import os
import secrets
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings


class KeyFileError(RuntimeError):
    """The key file is missing, unreadable by us, readable by others, or damaged."""


@dataclass(frozen=True)
class Keyring:
    """The keys of one installation, by id (1 to 65535)."""

    ciphers: dict[int, AESGCM]
    newest: int
    index_key: bytes

    def __repr__(self) -> str:
        return f"Keyring(ids={sorted(self.ciphers)})"


def create_key_file(path: Path, *, today: date) -> None:
    """Write a new key file with one key, readable by its owner alone; an existing file is kept.

    Raises:
        FileExistsError: There is a key file; overwriting it would make every sealed value unreadable.
    """
    document = {"version": 1, "index_key": _new_key(), "keys": [_key_entry(1, today)]}
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(document, out, indent=1)
        out.flush()
        os.fsync(out.fileno())


def add_key(path: Path, *, today: date) -> int:
    """Add a key, which then encrypts, and return its id. The file is replaced in one step."""
    document = json.loads(path.read_text())
    key_id = max(entry["id"] for entry in document["keys"]) + 1
    document["keys"].append(_key_entry(key_id, today))
    fresh = path.with_suffix(".new")
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(document, out, indent=1)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(path)
    return key_id


def keyring() -> Keyring:
    """Return the keys in force. The file is read again when it changes.

    Raises:
        KeyFileError: The file is missing or unfit; the message says what to do.
    """
    path = Path(settings.CLEANCLAIM_KEYS_FILE)
    try:
        state = path.stat()
    except OSError:
        raise KeyFileError(
            f"no sealing keys at {path}: run `cleanclaim init`, or restore the key file from escrow "
            "[tenancy.keys_missing]"
        ) from None
    if state.st_mode & 0o077:
        raise KeyFileError(f"{path} is readable by others: run `chmod 600 {path}` [tenancy.keys_exposed]")
    return _load(path, state.st_mtime_ns, state.st_ino)


@lru_cache(maxsize=4)
def _load(path: Path, modified_ns: int, inode: int) -> Keyring:
    try:
        document = json.loads(path.read_text())
        ciphers = {entry["id"]: AESGCM(base64.b64decode(entry["key"])) for entry in document["keys"]}
        return Keyring(ciphers, max(ciphers), base64.b64decode(document["index_key"]))
    except (OSError, ValueError, KeyError, TypeError):
        raise KeyFileError(f"{path} is not a readable key file [tenancy.keys_damaged]") from None


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


def _key_entry(key_id: int, today: date) -> dict:
    return {"id": key_id, "created_on": today.isoformat(), "key": _new_key()}
