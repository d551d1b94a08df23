"""What every port promises, and how it says no."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

LONGEST_NAME = 120
LARGEST_FILE = 200 * 1024 * 1024
UNFINISHED = (".part", ".tmp", ".filepart", ".partial", ".crdownload")


class PortError(Exception):
    """A transfer of which nobody can say yet whether it happened. The text names no patient and no secret."""

    def __init__(self, message: str, code: str) -> None:
        self.code = code
        super().__init__(f"{message} [{code}]")


class PortUnavailable(PortError):
    """The partner could not be reached or broke off, and nothing left: it may be tried again."""


class PortRefused(PortError):
    """Nothing left, and trying again will not help until somebody changes something."""


@dataclass(frozen=True)
class RemoteFile:
    """A file that waits for us, whole."""

    name: str
    size: int


class Port(Protocol):
    """A way to one trading partner.

    A file appears under its name whole or not at all: it is written under a temporary name that the
    partner does not pick up, and renamed.
    """

    def put(self, name: str, data: bytes) -> None:
        """Hand over one file. The same bytes under the same name a second time change nothing.

        Raises:
            PortUnavailable: Nothing left; try later.
            PortRefused: Nothing left: a bad name, or another file stands under it.
            PortError: It may have left.
        """

    def exists(self, name: str) -> int | None:
        """Size of the file that lies there under this name, None when none does."""

    def withdraw(self, name: str) -> bool:
        """Make sure that an unfinished `put` cannot finish any more.

        Returns:
            True when this proves that the file never left: its temporary file was still there, or the
            partner keeps what it was given and has it not. False proves nothing.
        """

    def list_inbox(self) -> list[RemoteFile]:
        """Files that wait for us and have stopped growing, by name."""

    def fetch(self, name: str) -> bytes:
        """The bytes of one waiting file.

        Raises:
            PortUnavailable: It grew or went away meanwhile, or the partner cannot be reached.
        """

    def archive(self, name: str) -> None:
        """Take a stored file out of the inbox. A file already gone is no error."""


def checked_name(name: str) -> str:
    """The name, if it is a plain file name.

    Raises:
        PortRefused: A path, a hidden or unfinished file, or characters that have no place in a name.

    Examples:
        >>> checked_name("AA-000000001.837")
        'AA-000000001.837'
    """
    bad = (
        not name
        or len(name) > LONGEST_NAME
        or name.startswith(".")
        or any(ch in '/\\:*?"<>|' or not ch.isprintable() for ch in name)
        or name.lower().endswith(UNFINISHED)
    )
    if bad:
        raise PortRefused("a file name is not a plain name of at most 120 characters", "port.name")
    return name


def is_waiting(name: str) -> bool:
    """Whether a name in an inbox is that of a finished file we may take."""
    try:
        checked_name(name)
    except PortRefused:
        return False
    return True


def temporary_name(name: str) -> str:
    """Under which name a file is written before it is renamed: hidden, so that nobody picks it up."""
    return f".{checked_name(name)}.part"


def setting(config: Mapping[str, Any], key: str) -> Any:
    """A setting that must be there.

    Raises:
        PortRefused: It is not.
    """
    value = config.get(key)
    if value in (None, ""):
        raise PortRefused(f"the trading partner's settings lack {key!r}", "port.setting_missing")
    return value
