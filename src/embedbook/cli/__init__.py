"""The `embedbook` command: its commands, each imported when it is called, and one place for errors."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

import typer
from typer.core import TyperGroup

__all__ = ["app", "main"]

# Group of commands, or single command, and the module that holds its typer app, called `app`.
_GROUPS = {
    "data": "embedbook.cli.data",
    "vectors": "embedbook.cli.vectors",
    "experiment": "embedbook.cli.experiment",
    "compare": "embedbook.cli.compare",
}

_BAD_INPUT = 2
_INTERRUPTED = 130  # what a shell reports for Ctrl-C


class _LazyGroups(TyperGroup):
    """Imports a group's module only when it is called, or its help is shown."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(_GROUPS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in _GROUPS:
            return None
        return typer.main.get_command(importlib.import_module(_GROUPS[cmd_name]).app)


app = typer.Typer(
    name="embedbook",
    cls=_LazyGroups,
    add_completion=False,
    # Plain help and errors: they look the same in a terminal, a notebook and a log.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    show_version: bool = typer.Option(False, "--version", help="Show the version and stop."),
) -> None:
    """Tools of the book 'Learned or Pretrained? Word embeddings, side by side'."""
    if show_version:
        typer.echo(f"embedbook {version('embedbook')}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Whatever is wrong with the input ends in one line on standard error; only a defect of the program shows a traceback.

    Parameters
    ----------
    arguments : sequence of str, optional
        By default those that the program was called with.

    Returns
    -------
    int
        0 if all went well, 1 if a check found something wrong, 2 for bad input, 130 after Ctrl-C.
    """
    try:
        code = app(args=None if arguments is None else list(arguments), prog_name="embedbook", standalone_mode=False)
        sys.stdout.flush()
    except typer.Exit as stop:
        code = stop.exit_code
    except (typer.Abort, KeyboardInterrupt):
        code = _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output, such as `head`, has seen enough. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except typer.TyperException as error:
        # A usage error knows the command that it belongs to.
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "embedbook"
        message = error.format_message()
        return _complain(f"{message}{'' if message.endswith(('.', '?')) else '.'} See `{command} --help`.")
    except (ValueError, OSError) as error:
        return _complain(str(error))
    if code == _INTERRUPTED:
        _complain("stopped by Ctrl-C")
    return code or 0


def _complain(message: str) -> int:
    # One line, whatever the message was made of.
    sys.stderr.write(f"embedbook: {' '.join(message.split())}\n")
    return _BAD_INPUT
