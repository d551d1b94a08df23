"""The command line: a public interface that others script against.

Each command calls the same function as the web. Commands of a group load only what they need, so
that `cleanclaim x12 ...` starts without Django.
"""

from __future__ import annotations

import importlib
import os

import click

from cleanclaim import __version__

# Command name -> module of cleanclaim_cli.commands that defines `command`.
COMMANDS = {
    "x12": "x12",
    "code": "code",
    "edit": "edit",
    "remit": "remit",
    "deadline": "decide",
    "rules": "decide",
    "icd": "lookups",
    "code-info": "lookups",
    "codesets": "codesets",
    "npi": "lookups",
    "init": "operate",
    "serve": "operate",
    "worker": "operate",
    "demo": "operate",
    "doctor": "operate",
    "import": "cycle",
    "send": "cycle",
    "receive": "cycle",
    "post": "cycle",
    "simulate": "simulate",
    "report": "report",
    "close": "closing",
    "backup": "keeping",
    "restore": "keeping",
    "audit": "audit",
    "note": "note",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module = importlib.import_module(f"cleanclaim_cli.commands.{COMMANDS[name]}")
        return module.COMMANDS[name]


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cleanclaim")
def cli() -> None:
    """Run the revenue cycle of mental-health practices."""
    read_loaded_tables()


def read_loaded_tables() -> None:
    """Read the tables that this installation loaded itself before those of the package, if it did.

    A look at the disk and nothing more where there are none: most calls must not pay for it.
    """
    folder = os.path.join(os.environ.get("CLEANCLAIM_DATA_DIR", "var"), "loaded")
    if os.path.isdir(folder):
        from cleanclaim_data.loader import use_overlay

        use_overlay(folder)


def main() -> None:
    """Entry point. Exit codes: 0 clean, 1 findings that stop, 2 unreadable or wrong call, 130 interrupted."""
    try:
        # Outside standalone mode click returns the code of `ctx.exit` instead of raising it.
        code = cli.main(prog_name="cleanclaim", standalone_mode=False)
    except click.exceptions.Abort:
        raise SystemExit(130) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(2) from None
    raise SystemExit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    main()
