"""The only door to the data files of this package.

Everything that is read through here is cached for the life of the process and shared, so callers
treat what they get as read-only. Names are paths below ``cleanclaim_data`` with forward slashes:
``"codesets/pos.csv"``.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TextIO

import yaml  # type: ignore[import-untyped]

_ROOT = resources.files("cleanclaim_data")
_overlay: Path | None = None
_stamp: tuple[int, int, int] | None = None
_listeners: list[Callable[[], None]] = []
STAMP = "codesets/versions.csv"
"""The file of an overlay that is renamed into place last: when it changes, a table was loaded."""


class DataMissing(LookupError):
    """A data file or folder of that name is not in the package."""


class DataInvalid(ValueError):
    """A data file breaks a rule of its format: a doubled key, a ragged row."""


def use_overlay(folder: Path | str | None) -> None:
    """Read files of a folder before those of the package: what an agency loaded itself wins.

    Paths inside are the same: ``codesets/mue.csv``. Rules, too, may be replaced, file by file. None goes
    back to the package alone. Everything read so far is forgotten.
    """
    global _overlay, _stamp
    _overlay = None if folder is None else Path(folder)
    _stamp = None if folder is None else _stamp_of(Path(folder))
    for forget in (read_csv.cache_clear, read_yaml.cache_clear, read_json.cache_clear, *_listeners):
        forget()


def refresh_overlay(folder: Path | str) -> bool:
    """Read the overlay anew if another process loaded a table since. One look at the disk, no more.

    Returns:
        Whether something was read anew.
    """
    path = Path(folder)
    stamp = _stamp_of(path)
    if stamp == _stamp and (stamp is None or _overlay == path):
        return False
    use_overlay(path if stamp else None)
    return True


def _stamp_of(folder: Path) -> tuple[int, int, int] | None:
    try:
        seen = folder.joinpath(STAMP).stat()
    except OSError:
        return None
    return seen.st_ino, seen.st_mtime_ns, seen.st_size


def when_overlaid(forget: Callable[[], None]) -> None:
    """Have a function called whenever `use_overlay` changes what is read: for caches built on it."""
    _listeners.append(forget)


def locate(name: str) -> Traversable:
    """Find a data file or folder by name.

    Raises:
        DataMissing: No such file, or a name that leaves the package.
    """
    if ".." in name.split("/"):
        raise DataMissing(name)
    if _overlay is not None and (own := _overlay.joinpath(*name.strip("/").split("/"))).is_file():
        return own
    place = _ROOT.joinpath(*name.strip("/").split("/"))
    if not (place.is_file() or place.is_dir()):
        raise DataMissing(name)
    return place


def list_data(folder: str, suffix: str = "") -> list[str]:
    """Names of the files below a folder, all depths, sorted; `[]` when there is no such folder."""
    try:
        waiting = [(folder.strip("/"), locate(folder))]
    except DataMissing:
        return []
    names: list[str] = []
    while waiting:
        name, place = waiting.pop()
        for child in place.iterdir():
            path = f"{name}/{child.name}"
            if child.is_dir():
                waiting.append((path, child))
            elif child.name.endswith(suffix):
                names.append(path)
    return sorted(names)


def open_data(name: str) -> TextIO:
    """Open a data file as UTF-8 text, line ends translated. The caller closes it."""
    return io.StringIO(read_text(name), newline=None)


def read_bytes(name: str) -> bytes:
    """The raw bytes of a data file. Not cached."""
    return locate(name).read_bytes()


def read_text(name: str) -> str:
    """A data file as UTF-8 text. Not cached."""
    return read_bytes(name).decode("utf-8-sig")


def read_gzip_text(name: str) -> str:
    """A gzipped data file as UTF-8 text. Not cached."""
    return gzip.decompress(read_bytes(name)).decode("utf-8")


@cache
def read_csv(name: str) -> tuple[dict[str, str], ...]:
    """Rows of a CSV file as dictionaries, in file order; every value is text, absent is `''`.

    Lines before the header that begin with ``#`` are notes and skipped.

    Raises:
        DataMissing: No such file.
        DataInvalid: A row has more or fewer cells than the header, or a header is doubled.
    """
    lines = read_text(name).splitlines(keepends=True)
    while lines and lines[0].startswith("#"):
        lines.pop(0)
    reader = csv.reader(lines)
    header = next(reader, [])
    if len(set(header)) != len(header):
        raise DataInvalid(f"{name}: a column name is doubled")
    rows = []
    for cells in reader:
        if not cells:
            continue
        if len(cells) != len(header):
            raise DataInvalid(f"{name} row {reader.line_num}: {len(cells)} cells, header has {len(header)}")
        rows.append(dict(zip(header, cells, strict=True)))
    return tuple(rows)


class _StrictLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Safe YAML in which a doubled key is an error, not a silent overwrite."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise DataInvalid(f"doubled key {key!r}, line {key_node.start_mark.line + 1}")
            seen.add(key)
        made: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        return made


@cache
def read_yaml(name: str) -> Any:
    """A YAML file as plain values. Codes must be quoted in the file: bare ``02`` is a number.

    Raises:
        DataMissing: No such file.
        DataInvalid: A doubled key or broken YAML.
    """
    try:
        return yaml.load(read_text(name), Loader=_StrictLoader)
    except yaml.YAMLError as error:
        raise DataInvalid(f"{name}: {error}") from error
    except DataInvalid as error:
        raise DataInvalid(f"{name}: {error}") from None


@cache
def read_json(name: str) -> Any:
    """A JSON file as plain values."""
    return json.loads(read_text(name))
