"""A partner's SFTP server. Its host key must be known; nothing of this machine's SSH set-up is used."""

from __future__ import annotations

import asyncio
import posixpath
import stat
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import asyncssh

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

T = TypeVar("T")
LOST = (OSError, asyncssh.Error, asyncio.TimeoutError)


@dataclass(frozen=True, repr=False)
class SftpPort:
    """Settings: `host`, `port`, `user`, `password` or `private_key` (OpenSSH text, `passphrase`),
    `host_key` ("ssh-ed25519 AAAA..."), `outbox`, `inbox`, `archive` (empty: taken files are deleted),
    `settle_seconds`, `timeout_seconds`, `keeps_files`.
    """

    host: str
    user: str
    host_key: str
    outbox: str
    inbox: str
    port: int = 22
    archive_folder: str = ""
    password: str = ""
    private_key: str = ""
    passphrase: str = ""
    settle_seconds: float = 2.0
    timeout_seconds: float = 60.0
    keeps_files: bool = False
    clock: Callable[[float], Awaitable[None]] = field(default=asyncio.sleep)

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> SftpPort:
        if not config.get("password") and not config.get("private_key"):
            raise PortRefused(
                "the trading partner's settings lack a password or a private key", "port.setting_missing"
            )
        return cls(
            host=setting(config, "host"),
            user=setting(config, "user"),
            host_key=setting(config, "host_key"),
            outbox=setting(config, "outbox"),
            inbox=setting(config, "inbox"),
            port=int(config.get("port") or 22),
            archive_folder=config.get("archive") or "",
            password=config.get("password") or "",
            private_key=config.get("private_key") or "",
            passphrase=config.get("passphrase") or "",
            settle_seconds=float(config.get("settle_seconds", 2)),
            timeout_seconds=float(config.get("timeout_seconds", 60)),
            keeps_files=bool(config.get("keeps_files", False)),
        )

    def __repr__(self) -> str:
        return "<SftpPort>"

    # The protocol, each call on a connection of its own.

    def put(self, name: str, data: bytes) -> None:
        target = posixpath.join(self.outbox, checked_name(name))
        temporary = posixpath.join(self.outbox, temporary_name(name))

        async def work(sftp: asyncssh.SFTPClient) -> None:
            if await sftp.exists(target):
                if await _read(sftp, target) != data:
                    raise PortRefused("another file stands under this name at the partner", "port.name_taken")
                return
            async with sftp.open(temporary, "wb") as file:
                await file.write(data)
            if await sftp.getsize(temporary) != len(data):
                raise PortUnavailable("the partner holds fewer bytes than were sent", "port.short")
            try:
                await sftp.rename(temporary, target)
            except LOST as error:
                raise PortError(f"the rename broke off ({type(error).__name__})", "port.doubt") from None

        self._run(work)

    def exists(self, name: str) -> int | None:
        target = posixpath.join(self.outbox, checked_name(name))

        async def work(sftp: asyncssh.SFTPClient) -> int | None:
            try:
                return await sftp.getsize(target)
            except asyncssh.SFTPNoSuchFile:
                await sftp.stat(self.outbox)  # a missing folder proves nothing
                return None

        return self._run(work)

    def withdraw(self, name: str) -> bool:
        temporary = posixpath.join(self.outbox, temporary_name(name))

        async def work(sftp: asyncssh.SFTPClient) -> bool:
            try:
                await sftp.remove(temporary)
            except asyncssh.SFTPNoSuchFile:
                return False
            return True

        return self._run(work) or (self.keeps_files and self.exists(name) is None)

    def list_inbox(self) -> list[RemoteFile]:
        async def sizes(sftp: asyncssh.SFTPClient) -> dict[str, tuple[int | None, int | None]]:
            return {
                str(entry.filename): (entry.attrs.size, entry.attrs.mtime)
                for entry in await sftp.readdir(self.inbox)
                if is_waiting(str(entry.filename)) and stat.S_ISREG(entry.attrs.permissions or stat.S_IFREG)
            }

        async def work(sftp: asyncssh.SFTPClient) -> list[RemoteFile]:
            first = await sizes(sftp)
            if not first:
                return []
            await self.clock(self.settle_seconds)
            second = await sizes(sftp)
            return [
                RemoteFile(name, seen[0] or 0)
                for name, seen in sorted(first.items())
                if second.get(name) == seen
            ]

        return self._run(work)

    def fetch(self, name: str) -> bytes:
        path = posixpath.join(self.inbox, checked_name(name))

        async def work(sftp: asyncssh.SFTPClient) -> bytes:
            before = await sftp.lstat(path)
            if not stat.S_ISREG(before.permissions or stat.S_IFREG):
                raise PortRefused("an entry of the inbox is not a plain file", "port.not_a_file")
            if (before.size or 0) > LARGEST_FILE:
                raise PortRefused(f"a waiting file is larger than {LARGEST_FILE} bytes", "port.too_large")
            data = await _read(sftp, path)
            after = await sftp.lstat(path)
            if (before.size, before.mtime) != (after.size, after.mtime) or len(data) != after.size:
                raise PortUnavailable("a waiting file was still being written", "port.growing")
            return data

        return self._run(work)

    def archive(self, name: str) -> None:
        path = posixpath.join(self.inbox, checked_name(name))

        async def work(sftp: asyncssh.SFTPClient) -> None:
            try:
                if not self.archive_folder:
                    await sftp.remove(path)
                    return
                await sftp.makedirs(self.archive_folder, exist_ok=True)
                target, count = posixpath.join(self.archive_folder, name), 1
                while await sftp.exists(target):
                    count += 1
                    target = posixpath.join(self.archive_folder, f"{name}.{count}")
                await sftp.rename(path, target)
            except asyncssh.SFTPNoSuchFile:
                return

        self._run(work)

    # Underneath.

    def _run(self, work: Callable[[asyncssh.SFTPClient], Awaitable[T]]) -> T:
        """Until the rename nothing is shown to the partner, so what breaks outside it is safe to repeat."""

        async def connected() -> T:
            async with asyncio.timeout(self.timeout_seconds), self._client() as sftp:
                return await work(sftp)

        try:
            return asyncio.run(connected())
        except PortError:
            raise
        except asyncssh.HostKeyNotVerifiable:
            raise PortRefused("the server's host key is not the one on file", "port.host_key") from None
        except asyncssh.PermissionDenied:
            raise PortRefused("the server does not accept our user or key", "port.sign_in") from None
        except LOST as error:
            raise PortUnavailable(
                f"the partner's server broke off ({type(error).__name__})", "port.unavailable"
            ) from None

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[asyncssh.SFTPClient]:
        try:
            known = asyncssh.import_known_hosts(
                f"[{self.host}]:{self.port} {self.host_key}\n{self.host} {self.host_key}\n"
            )
            keys = (
                [asyncssh.import_private_key(self.private_key, self.passphrase or None)]
                if self.private_key
                else None
            )
        except (ValueError, asyncssh.KeyImportError):
            raise PortRefused("the host key or the private key on file cannot be read", "port.key") from None
        async with (
            asyncssh.connect(
                self.host, self.port, username=self.user, password=self.password or None, client_keys=keys,
                known_hosts=known, config=[], agent_path=None, connect_timeout=min(self.timeout_seconds, 20),
                login_timeout=min(self.timeout_seconds, 20),
            ) as connection,
            connection.start_sftp_client() as sftp,
        ):  # fmt: skip
            yield sftp


async def _read(sftp: asyncssh.SFTPClient, path: str) -> bytes:
    async with sftp.open(path, "rb") as file:
        data = await file.read(LARGEST_FILE + 1)
    return data if isinstance(data, bytes) else data.encode()
