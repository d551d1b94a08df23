"""Refresh the vendored front-end assets from the npm registry and rewrite their README.

Run by hand when a version is raised: ``python tools/vendor_assets.py``. It asks npm for the exact
versions below (`npm pack`), copies the few files we serve with their licences, cuts the icon sprite to
the icons we use, and writes name, version, licence and SHA-256 of each file into
``static/vendor/README.md``. Nothing is fetched when the product is installed or runs.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import NamedTuple

WEB = Path(__file__).resolve().parents[1] / "src" / "cleanclaim_server" / "web"
VENDOR = WEB / "static" / "vendor"


class Asset(NamedTuple):
    """One npm package, and which of its files we serve from which folder."""

    package: str
    version: str
    licence: str
    folder: str
    files: dict[str, str]  # path in the package -> our file name


ASSETS = [
    Asset("htmx.org", "2.0.11", "0BSD", "htmx", {"dist/htmx.min.js": "htmx.min.js", "LICENSE": "LICENSE"}),
    Asset(
        "echarts",
        "6.1.0",
        "Apache-2.0",
        "echarts",
        {
            "dist/echarts.common.min.js": "echarts.common.min.js",
            "LICENSE": "LICENSE",
            "NOTICE": "NOTICE",
            "licenses/LICENSE-d3": "LICENSE-d3",
        },
    ),
    Asset("lucide-static", "1.62.0", "ISC", "lucide", {"LICENSE": "LICENSE"}),
    Asset(
        "@fontsource-variable/inter",
        "5.3.0",
        "OFL-1.1",
        "fonts",
        {
            "files/inter-latin-opsz-normal.woff2": "inter-latin-opsz-normal.woff2",
            "LICENSE": "LICENSE-inter.txt",
        },
    ),
    Asset(
        "@fontsource-variable/jetbrains-mono",
        "5.3.0",
        "OFL-1.1",
        "fonts",
        {
            "files/jetbrains-mono-latin-wght-normal.woff2": "jetbrains-mono-latin-wght-normal.woff2",
            "LICENSE": "LICENSE-jetbrains-mono.txt",
        },
    ),
]

ICONS = (
    "activity arrow-down arrow-left arrow-right arrow-up arrow-up-down arrow-up-right ban banknote "
    "book-open building-2 calculator calendar calendar-check calendar-clock chart-column check "
    "chevron-down chevron-left chevron-right chevrons-up-down circle-alert circle-check circle-dashed "
    "circle-help circle-x clock clock-alert copy corner-down-left credit-card download ellipsis "
    "external-link eye file-check file-code file-input file-question file-text file-up file-x files "
    "filter flag gavel globe hand-coins history hourglass id-card inbox info key-round keyboard "
    "landmark layers link list-checks list-filter lock log-out mail map-pin menu message-square minus "
    "monitor moon notebook-text octagon-x package pause pencil phone play plus power printer "
    "receipt-text refresh-cw rotate-ccw rows-3 scale scroll-text search send server settings shield "
    "shield-check shuffle sigma split square-check-big stethoscope sun tag ticket-check timer trash-2 "
    "triangle-alert undo-2 unlink unplug upload user user-check user-plus users video wallet x zap"
).split()


def unpack(asset: Asset, into: Path) -> Path:
    """Fetch one package by npm and return the folder of its content."""
    done = subprocess.run(
        ["npm", "pack", "--silent", f"{asset.package}@{asset.version}"],
        cwd=into, check=True, capture_output=True, text=True,
    )  # fmt: skip
    target = into / asset.folder / asset.package.replace("/", "-")
    with tarfile.open(into / done.stdout.strip().splitlines()[-1]) as archive:
        archive.extractall(target, filter="data")
    return target / "package"


def sprite(icons: Path) -> str:
    """One SVG of symbols ``i-<name>``; strokes are inherited from the ``.icon`` that uses them."""
    symbols = []
    for name in sorted(set(ICONS)):
        text = (icons / f"{name}.svg").read_text(encoding="utf-8")
        found = re.search(r"<svg[^>]*>(.*)</svg>", text, re.S)
        if not found:
            sys.exit(f"{name}.svg is not an icon")
        body = " ".join(found.group(1).split())
        symbols.append(f'<symbol id="i-{name}" viewBox="0 0 24 24">{body}</symbol>')
    head = "<!-- Icons: Lucide (ISC licence, see lucide/LICENSE). Written by tools/vendor_assets.py. -->"
    return f'{head}\n<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def readme(rows: list[tuple[str, str, str, str, str]]) -> str:
    lines = [
        "# Vendored assets",
        "",
        "Served from here; nothing is fetched at run time. Written by `tools/vendor_assets.py`.",
        "",
        "| File | Package | Version | Licence | SHA-256 |",
        "| --- | --- | --- | --- | --- |",
        *(
            f"| `{path}` | {package} | {version} | {licence} | `{digest}` |"
            for path, package, version, licence, digest in rows
        ),
        "",
        "`lucide/icons.svg` holds only the icons we use, as symbols. Licence texts stand beside the files.",
        "",
    ]  # fmt: skip
    return "\n".join(lines)


def main() -> None:
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for asset in ASSETS:
            content = unpack(asset, Path(scratch))
            folder = VENDOR / asset.folder
            folder.mkdir(parents=True, exist_ok=True)
            names = []
            for inside, name in asset.files.items():
                (folder / name).write_bytes((content / inside).read_bytes())
                if not name.startswith(("LICENSE", "NOTICE")):
                    names.append(name)
            if asset.package == "lucide-static":
                (folder / "icons.svg").write_text(sprite(content / "icons"), encoding="utf-8")
                names.append("icons.svg")
            for name in names:
                digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
                rows.append((f"{asset.folder}/{name}", asset.package, asset.version, asset.licence, digest))
    (VENDOR / "README.md").write_text(readme(rows), encoding="utf-8")


if __name__ == "__main__":
    main()
