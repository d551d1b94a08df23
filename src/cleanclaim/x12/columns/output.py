"""From files to tables: in memory, slice by slice, as Parquet or CSV, or under SQL."""

from __future__ import annotations

import io
import tempfile
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Literal

import numpy as np
import polars as pl

from cleanclaim.x12.columns import claims, remittance
from cleanclaim.x12.columns.parts import Problems
from cleanclaim.x12.columns.places import CLAIMS, REMITTANCE, Carried, Places
from cleanclaim.x12.columns.segments import Segments
from cleanclaim.x12.columns.slices import SLICE_BYTES, NotReadable, Slice, slices
from cleanclaim.x12.columns.tables import SCHEMAS, Draft, empty, finished

Source = str | Path | bytes
Tables = dict[str, pl.DataFrame]

IN_MEMORY_BYTES = 64_000_000
"""`query` reads files up to this size, together, into memory; larger ones by way of temporary files."""

STREAMED_BYTES = 2_000_000
"""A slice where none is kept: a third smaller than `SLICE_BYTES`, for less memory at the same speed."""

_IN_FLIGHT = 2
"""Slices that are worked on at once."""


def scan_tables(
    source: Source, *, file: str = "", tables: Iterable[str] = SCHEMAS, slice_bytes: int = STREAMED_BYTES
) -> Iterator[Tables]:
    """Read one file slice by slice.

    Args:
        source: A path, or the bytes themselves.
        file: Name in the column `file`; by default the last part of the path.
        tables: The tables wanted; fewer are faster. `problems` comes always.
        slice_bytes: About how much is read at once. Memory is some seventy times this, whatever the file.

    Yields:
        The rows of one slice, by table, in file order. Each wanted table is there, if only empty. A file
        that is no X12 gives one slice with a row in `problems`.

    Raises:
        OSError: The file cannot be read.
        KeyError: A table has no such name.
    """
    wanted = _wanted(tables)
    name = file or (Path(source).name if isinstance(source, str | Path) else "")
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb")  # noqa: SIM115
    with stream, ThreadPoolExecutor(_IN_FLIGHT) as pool:
        try:
            yield from _scan(slices(stream, slice_bytes), Carried(name), wanted, pool)
        except NotReadable as refused:
            yield {one: empty(one) for one in wanted} | {"problems": _refusal(name, refused.reason)}


def _scan(
    cut: Iterator[Slice], carried: Carried, wanted: tuple[str, ...], pool: ThreadPoolExecutor
) -> Iterator[Tables]:
    """Index slices ahead, nest them in order, make their tables behind: three steps at once."""
    indexed: deque[tuple[Slice, Future[Segments]]] = deque()
    made: deque[Future[Tables]] = deque()
    more = True
    while more or indexed or made:
        while more and len(indexed) < _IN_FLIGHT:
            one = next(cut, None)
            more = one is not None
            if one is not None:
                indexed.append((one, pool.submit(Segments, one.data, one.offset, one.marks)))
        if indexed and len(made) < _IN_FLIGHT:
            one, future = indexed.popleft()
            segments = future.result()
            if segments.count:
                places = Places(segments, carried)
                texts, level_of = carried.texts, carried.level_of
                if CLAIMS in places.has:
                    above = claims.context(places)
                    texts, level_of = above.texts, above.level_of
                carried = places.after(texts, level_of)
                made.append(pool.submit(_make, places, wanted, one.cut_inside))
                del places
            del one, future, segments  # a slice is large: none waits here while others are worked on
        elif made:
            yield made.popleft().result()


def _make(places: Places, wanted: tuple[str, ...], cut_inside: bool) -> Tables:
    problems = Problems(places)
    drafts: list[Draft] = []
    for kind, makers in ((REMITTANCE, remittance.MAKERS), (CLAIMS, claims.MAKERS)):
        if kind in places.has:
            drafts += [makers[name](places, problems) for name in wanted if name in makers]
    tables: Tables = {name: empty(name) for name in wanted}
    for draft, frame in zip(drafts, finished(places.segments, drafts), strict=True):
        if frame.height:
            before = tables[draft.name]
            tables[draft.name] = before.vstack(frame) if before.height else frame
    if cut_inside:
        last = np.array([places.segments.count - 1])
        problems.tell("", last, 0, "x12.columns.claim_too_large")
    tables["problems"] = problems.table()
    return tables


def _wanted(tables: Iterable[str]) -> tuple[str, ...]:
    names = tuple(dict.fromkeys((*tables, "problems")))
    for name in names:
        if name not in SCHEMAS:
            raise KeyError(f"no table {name!r}; there are {', '.join(SCHEMAS)}")
    return names


def _refusal(name: str, reason: str) -> pl.DataFrame:
    row = {"file": name, "code": f"x12.columns.{reason}"}
    return pl.DataFrame([row], schema=SCHEMAS["problems"])


def read_tables(
    sources: Source | Sequence[Source], *, tables: Iterable[str] = SCHEMAS, slice_bytes: int = SLICE_BYTES
) -> Tables:
    """Read files into memory as tables.

    Args:
        sources: A path, the bytes of a file, or several of them.
        tables: The tables wanted; `problems` comes always.

    Returns:
        A Polars frame by table name; columns and types are those of `SCHEMAS`.

    Raises:
        OSError: A file cannot be read.

    Examples:
        >>> read_tables(b"no X12 at all")["problems"]["code"].to_list()
        ['x12.columns.no_isa']
    """
    many = [sources] if isinstance(sources, str | Path | bytes) else list(sources)
    wanted = _wanted(tables)
    parts: dict[str, list[pl.DataFrame]] = {name: [] for name in wanted}
    for source in many:
        for found in scan_tables(source, tables=wanted, slice_bytes=slice_bytes):
            for name in wanted:
                if found[name].height:
                    parts[name].append(found[name])
    return {name: pl.concat(frames) if frames else empty(name) for name, frames in parts.items()}


def write_tables(
    sources: Source | Sequence[Source],
    folder: str | Path,
    *,
    format: Literal["parquet", "csv"] = "parquet",
    tables: Iterable[str] = SCHEMAS,
    slice_bytes: int = STREAMED_BYTES,
) -> dict[str, int]:
    """Write one file a table into a folder, in bounded memory.

    Args:
        folder: Made when it is not there; files of the same name in it are replaced.
        format: ``parquet`` or ``csv`` (UTF-8 with a header line).

    Returns:
        Rows by table.

    Raises:
        OSError: A file cannot be read or written.
    """
    many = [sources] if isinstance(sources, str | Path | bytes) else list(sources)
    wanted = _wanted(tables)
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    rows = dict.fromkeys(wanted, 0)
    with tempfile.TemporaryDirectory(dir=out, prefix=".parts-") as spill:
        number = 0
        for source in many:
            for found in scan_tables(source, tables=wanted, slice_bytes=slice_bytes):
                number += 1
                for name in wanted:
                    if found[name].height:
                        rows[name] += found[name].height
                        found[name].write_parquet(
                            Path(spill) / f"{name}.{number:06d}.parquet", compression="lz4", statistics=False
                        )
        for name in wanted:
            table = _spilled(Path(spill), name)
            target = out / f"{name}.{format}"
            if format == "csv":
                table.sink_csv(target)
            else:
                table.sink_parquet(target)
    return rows


def _spilled(folder: Path, name: str) -> pl.LazyFrame:
    parts = sorted(folder.glob(f"{name}.*.parquet"))
    return pl.scan_parquet(parts, glob=False) if parts else empty(name).lazy()


def query(sql: str, sources: Source | Sequence[Source]) -> pl.DataFrame:
    """Ask the tables of some files in SQL.

    Args:
        sql: One SELECT in the dialect of Polars, over the tables of `SCHEMAS`.
        sources: Files; large ones go through temporary files, so that memory stays bounded.

    Raises:
        polars.exceptions.PolarsError: The question cannot be understood or answered.
        OSError: A file cannot be read.
    """
    many = [sources] if isinstance(sources, str | Path | bytes) else list(sources)
    size = sum(len(one) if isinstance(one, bytes) else Path(one).stat().st_size for one in many)
    wanted = [name for name in SCHEMAS if name in sql.lower()] or list(SCHEMAS)
    if size <= IN_MEMORY_BYTES:
        frames = {name: frame.lazy() for name, frame in read_tables(many, tables=wanted).items()}
        return pl.SQLContext(frames).execute(sql, eager=True)
    with tempfile.TemporaryDirectory(prefix="cleanclaim-x12-") as folder:
        write_tables(many, folder, tables=wanted)
        frames = {name: pl.scan_parquet(Path(folder) / f"{name}.parquet") for name in _wanted(wanted)}
        return pl.SQLContext(frames).execute(sql, eager=False).collect(engine="streaming")
