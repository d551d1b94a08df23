"""A folder on this machine or a mounted share: the partner's own software empties and fills it."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cleanclaim_server.clearinghouse.ports.base import (
    LARGEST_FILE,
    PortError,
    PortRefused,
    PortUnavailable,
    RemoteFile,
    checked_name,
    is_waiting,
    setting,
    temporary_name,
)


class FolderPort:
    """Files in `outbox` go to the partner, those in `inbox` come from it; taken ones move to `archive`.

    Settings: `outbox`, `inbox`, `archive` (default: a folder `archive` beside the inbox),
    `settle_seconds` (how long a size must not change, default 1), `keeps_files` (the partner leaves
    what it was given in the outbox, so that absence is a proof).
    """

    def __init__(
        self,
        outbox: Path,
        inbox: Path,
        archive: Path,
        *,
        settle_seconds: float = 1.0,
        keeps_files: bool = False,
    ) -> None:
        self.outbox, self.inbox, self.archive_folder = outbox, inbox, archive
        self.settle_seconds, self.keeps_files = settle_seconds, keeps_files

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> FolderPort:
        inbox = Path(setting(config, "inbox"))
        return cls(
            Path(setting(config, "outbox")),
            inbox,
            Path(config.get("archive") or inbox.parent / "archive"),
            settle_seconds=float(config.get("settle_seconds", 1)),
            keeps_files=bool(config.get("keeps_files", False)),
        )

    def put(self, name: str, data: bytes) -> None:
        target, temporary = self.outbox / checked_name(name), self.outbox / temporary_name(name)
        if self._already_there(target, data):
            return
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise PortUnavailable(
                f"the outbox cannot be written ({type(error).__name__})", "port.unavailable"
            ) from None
        try:
            # A rename is the one step that both shows the file and removes its temporary name, so a
            # temporary file that is still there proves that nothing was shown.
            os.rename(temporary, target)
            _sync_folder(self.outbox)
        except OSError as error:
            raise PortError(f"the rename broke off ({type(error).__name__})", "port.doubt") from None

    def exists(self, name: str) -> int | None:
        try:
            return (self.outbox / checked_name(name)).lstat().st_size
        except FileNotFoundError:
            _must_be_folder(self.outbox)
            return None
        except OSError as error:
            raise PortUnavailable(
                f"the outbox cannot be read ({type(error).__name__})", "port.unavailable"
            ) from None

    def withdraw(self, name: str) -> bool:
        try:
            (self.outbox / temporary_name(name)).unlink()
        except FileNotFoundError:
            return self.keeps_files and self.exists(name) is None
        except OSError as error:
            raise PortUnavailable(
                f"the outbox cannot be written ({type(error).__name__})", "port.unavailable"
            ) from None
        return True

    def list_inbox(self) -> list[RemoteFile]:
        first = self._sizes()
        if not first:
            return []
        time.sleep(self.settle_seconds)
        second = self._sizes()
        return [
            RemoteFile(name, size) for name, (size, changed) in sorted(first.items())
            if second.get(name) == (size, changed)
        ]  # fmt: skip

    def fetch(self, name: str) -> bytes:
        path = self.inbox / checked_name(name)
        try:
            with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
                before = os.fstat(file.fileno())
                if not stat.S_ISREG(before.st_mode):
                    raise PortRefused("an entry of the inbox is not a plain file", "port.not_a_file")
                data = file.read(LARGEST_FILE + 1)
                after = os.fstat(file.fileno())
        except OSError as error:
            raise PortUnavailable(
                f"a waiting file cannot be read ({type(error).__name__})", "port.unavailable"
            ) from None
        if len(data) > LARGEST_FILE:
            raise PortRefused(f"a waiting file is larger than {LARGEST_FILE} bytes", "port.too_large")
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns) or len(
            data
        ) != after.st_size:
            raise PortUnavailable("a waiting file was still being written", "port.growing")
        return data

    def archive(self, name: str) -> None:
        source = self.inbox / checked_name(name)
        try:
            self.archive_folder.mkdir(parents=True, exist_ok=True)
            target, count = self.archive_folder / name, 1
            while os.path.lexists(target):
                count += 1
                target = self.archive_folder / f"{name}.{count}"
            os.rename(source, target)
        except FileNotFoundError:
            return
        except OSError as error:
            raise PortUnavailable(
                f"the archive cannot be written ({type(error).__name__})", "port.unavailable"
            ) from None

    def _already_there(self, target: Path, data: bytes) -> bool:
        try:
            there = target.read_bytes() if target.is_file() else None
        except OSError as error:
            raise PortUnavailable(
                f"the outbox cannot be read ({type(error).__name__})", "port.unavailable"
            ) from None
        if there is None and not os.path.lexists(target):
            return False
        if there != data:
            raise PortRefused("another file stands under this name in the outbox", "port.name_taken")
        return True

    def _sizes(self) -> dict[str, tuple[int, int]]:
        sizes: dict[str, tuple[int, int]] = {}
        try:
            with os.scandir(self.inbox) as entries:
                for entry in entries:
                    if is_waiting(entry.name) and entry.is_file(follow_symlinks=False):
                        seen = entry.stat(follow_symlinks=False)
                        sizes[entry.name] = (seen.st_size, seen.st_mtime_ns)
        except OSError as error:
            raise PortUnavailable(
                f"the inbox cannot be read ({type(error).__name__})", "port.unavailable"
            ) from None
        return sizes


def _must_be_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise PortUnavailable("the outbox is not there", "port.unavailable")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
