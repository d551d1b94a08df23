"""Files reach a partner whole, once, and nowhere else: folder and SFTP keep the same promises."""

from __future__ import annotations

import asyncio
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncssh
import pytest

from cleanclaim_server.clearinghouse.models import TradingPartner
from cleanclaim_server.clearinghouse.ports import (
    FolderPort,
    PortRefused,
    PortUnavailable,
    RemoteFile,
    SftpPort,
    port_for,
)

BAD_NAMES = ["", ".", "..", "../up", "a/b", "a\\b", ".hidden", "x.part", "a\nb", "a\x00b", "n" * 121]


class Server:
    """A real SFTP server on loopback, in a thread of its own, with a host key made for it."""

    def __init__(self, root: Path) -> None:
        self.root, self.key = root, asyncssh.generate_private_key("ssh-ed25519")
        self.host_key = self.key.export_public_key().decode().strip()
        self.loop, self.ready, self.port = asyncio.new_event_loop(), threading.Event(), 0
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        assert self.ready.wait(20)

    def _run(self) -> None:
        root = str(self.root)

        class Door(asyncssh.SSHServer):
            def password_auth_supported(self):
                return True

            def validate_password(self, username, password):
                return (username, password) == ("us", "secret")

        async def serve() -> None:
            self.listener = await asyncssh.listen(
                "127.0.0.1", 0, server_host_keys=[self.key], server_factory=Door, allow_scp=False,
                sftp_factory=lambda channel: asyncssh.SFTPServer(channel, chroot=root),
            )  # fmt: skip
            self.port = self.listener.get_port()
            self.ready.set()

        self.loop.run_until_complete(serve())
        self.loop.run_forever()

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.listener.close)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    one = Server(tmp_path_factory.mktemp("sftp"))
    yield one
    one.stop()


@pytest.fixture(params=["folder", "sftp"])
def place(request, tmp_path, server):
    """(port, outbox, inbox, archive): a port and what lies behind it."""
    if request.param == "folder":
        for name in ("out", "in"):
            (tmp_path / name).mkdir()
        config = {"outbox": str(tmp_path / "out"), "inbox": str(tmp_path / "in"), "settle_seconds": 0.02}
        return FolderPort.of(config), tmp_path / "out", tmp_path / "in", tmp_path / "archive"
    here = server.root / tmp_path.name
    for name in ("out", "in"):
        (here / name).mkdir(parents=True)
    return SftpPort.of(sftp_config(server, f"/{tmp_path.name}")), here / "out", here / "in", here / "archive"


def sftp_config(server: Server, base: str, **more) -> dict:
    return {
        "host": "127.0.0.1", "port": server.port, "user": "us", "password": "secret", "host_key": server.host_key,
        "outbox": f"{base}/out", "inbox": f"{base}/in", "archive": f"{base}/archive", "settle_seconds": 0.02,
        "timeout_seconds": 10, **more,
    }  # fmt: skip


def test_put_shows_the_whole_file_and_nothing_else(place):
    port, outbox, _, _ = place
    data = os.urandom(300_000)
    port.put("AA.837", data)
    assert [path.name for path in outbox.iterdir()] == ["AA.837"]
    assert (outbox / "AA.837").read_bytes() == data
    assert (port.exists("AA.837"), port.exists("BB.837")) == (300_000, None)


def test_put_twice_is_put_once_and_never_overwrites(place):
    port, outbox, _, _ = place
    port.put("AA.837", b"one")
    port.put("AA.837", b"one")
    with pytest.raises(PortRefused, match="name_taken"):
        port.put("AA.837", b"two")
    assert (outbox / "AA.837").read_bytes() == b"one"


def test_withdraw_proves_absence_only_by_the_temporary_file(place):
    port, outbox, _, _ = place
    assert port.withdraw("AA.837") is False
    (outbox / ".AA.837.part").write_bytes(b"half")
    assert port.withdraw("AA.837") is True
    assert list(outbox.iterdir()) == []


@pytest.mark.parametrize("name", BAD_NAMES)
def test_names_that_lead_elsewhere_are_refused(place, name):
    port, outbox, _, _ = place
    for call in (lambda: port.put(name, b""), lambda: port.fetch(name), lambda: port.exists(name),
                 lambda: port.archive(name), lambda: port.withdraw(name)):  # fmt: skip
        with pytest.raises(PortRefused):
            call()
    assert list(outbox.iterdir()) == []


def test_pick_up_takes_finished_plain_files(place, tmp_path):
    port, _, inbox, archive = place
    (inbox / "b.835").write_bytes(b"22")
    (inbox / "a.999").write_bytes(b"1")
    for name in (".hidden", "c.835.part", "d.tmp"):
        (inbox / name).write_bytes(b"x")
    (inbox / "folder").mkdir()
    (inbox / "link").symlink_to("/etc/hostname")
    assert port.list_inbox() == [RemoteFile("a.999", 1), RemoteFile("b.835", 2)]
    assert port.fetch("b.835") == b"22"
    port.archive("b.835")
    port.archive("b.835")  # already gone is no error
    (inbox / "b.835").write_bytes(b"other")
    port.archive("b.835")
    assert sorted((path.name, path.read_bytes()) for path in archive.iterdir()) == [
        ("b.835", b"22"),
        ("b.835.2", b"other"),
    ]
    with pytest.raises((PortRefused, PortUnavailable)):
        port.fetch("link")


def test_a_growing_file_waits(tmp_path, monkeypatch):
    for name in ("out", "in"):
        (tmp_path / name).mkdir()
    port = FolderPort(tmp_path / "out", tmp_path / "in", tmp_path / "archive", settle_seconds=0)
    (tmp_path / "in" / "a.835").write_bytes(b"1")

    def grow(seconds):
        (tmp_path / "in" / "a.835").write_bytes(b"12")

    monkeypatch.setattr("cleanclaim_server.clearinghouse.ports.folder.time.sleep", grow)
    assert port.list_inbox() == []


def test_a_foreign_host_key_is_refused(server):
    foreign = asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode().strip()
    port = SftpPort.of(sftp_config(server, "/", host_key=foreign))
    with pytest.raises(PortRefused, match="host_key"):
        port.put("AA.837", b"x")


def test_a_wrong_password_is_refused_and_never_shown(server):
    port = SftpPort.of(sftp_config(server, "/", password="wrong one"))
    with pytest.raises(PortRefused, match="sign_in") as caught:
        port.put("AA.837", b"x")
    assert "wrong one" not in str(caught.value) + repr(port)


def test_nobody_there(server):
    with pytest.raises(PortUnavailable):
        SftpPort.of(sftp_config(server, "/", port=1)).put("AA.837", b"x")
    with pytest.raises(PortRefused, match="setting_missing"):
        SftpPort.of({"host": "x", "user": "us", "outbox": "o", "inbox": "i", "password": "p"})


@pytest.mark.django_db
def test_the_simulator_remembers_between_calls(agency):
    now = datetime(2026, 11, 23, 15, 0, tzinfo=UTC)
    partner = TradingPartner.objects.create(
        agency=agency, name="Sim", transport="simulator", config={"seed": 3}, receiver_id="SIM"
    )
    port = port_for(partner, now=now)
    assert port.withdraw("AA.837") is True
    port.put("AA.837", b"ISA")
    port.put("AA.837", b"ISA")
    again = port_for(partner, now=now + timedelta(days=1))
    assert (again.exists("AA.837"), again.withdraw("AA.837"), again.list_inbox()) == (3, False, [])
    assert b"AA.837" not in again.path.read_bytes()
