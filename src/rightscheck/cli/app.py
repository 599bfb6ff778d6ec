"""The application: commands by name, errors to messages, errors to exit codes.

0 gate passed, 1 gate failed, 2 usage or configuration, 3 incomplete, 4 internal error, 130 interrupted.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, NoReturn

from rightscheck.errors import PolicyError, RightscheckError
from rightscheck.version import __version__

# name -> (module, function or application); the module is imported when its command runs.
COMMANDS = {
    "check": ("rightscheck.cli.check", "check_command"),
    "filter": ("rightscheck.cli.filter", "filter_command"),
    "audit": ("rightscheck.cli.audit", "audit_command"),
    "audit diff": ("rightscheck.cli.audit_runs", "diff_command"),
    "audit blocklist": ("rightscheck.cli.audit_runs", "blocklist_command"),
    "notices": ("rightscheck.cli.notices", "notices_command"),
    "explain": ("rightscheck.cli.notices", "explain_command"),
    "robots": ("rightscheck.cli.robots", "robots_command"),
    "registry": ("rightscheck.cli.registry", "app"),
    "grants": ("rightscheck.cli.grants", "app"),
    "profile": ("rightscheck.cli.profile", "app"),
    "snapshot": ("rightscheck.cli.snapshot", "app"),
    "report": ("rightscheck.cli.report", "report_command"),
    "replay": ("rightscheck.cli.replay", "replay_command"),
    "schema": ("rightscheck.cli.schema", "schema_command"),
    "signals": ("rightscheck.cli.signals", "signals_command"),
}


_INTERRUPTED = 130


def main() -> NoReturn:
    """Run the command line and exit."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """The exit code of the command line with these arguments."""
    if arguments == ["--version"]:  # before the heavy imports: scripts ask this often
        print(f"rightscheck {__version__}")  # noqa: T201 - standard output is the answer
        return 0
    try:
        ended = _dispatch(arguments)
        if ended == _INTERRUPTED:  # typer has taken the interrupt for us
            _complain("interrupted")
        return ended
    except PolicyError as error:
        _complain(*(str(problem) for problem in error.problems))
        return error.exit_code
    except RightscheckError as error:
        _complain(error.message, hint=error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        # The reader has gone before it had the answer. Keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 3
    except Exception as error:  # the outermost edge: a bug must not look like a verdict
        if (code := _shown(error)) is not None:
            return code
        if os.environ.get("RIGHTSCHECK_DEBUG"):
            raise
        _complain(
            f"internal error: {type(error).__name__}: {error}",
            hint="this is a bug; RIGHTSCHECK_DEBUG=1 shows where",
        )
        return 4


def _dispatch(arguments: list[str]) -> int:
    import typer

    if " ".join(arguments[:2]) in COMMANDS:  # a folder of such a name is written ./diff
        arguments = [" ".join(arguments[:2]), *arguments[2:]]
    name = next((argument for argument in arguments if not argument.startswith("-")), "")
    wanted = {name: COMMANDS[name]} if name in COMMANDS else COMMANDS
    app = typer.Typer(
        name="rightscheck",
        help="May this text be used? Reads what a page, site or corpus says about copyright, crawling and AI "
        "use, and answers go, review or no-go for the use you intend, with the evidence.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )

    @app.callback()
    def _options(
        version: bool = typer.Option(False, "--version", help="Show the version and exit."),
    ) -> None:
        if version:
            typer.echo(f"rightscheck {__version__}")
            raise typer.Exit(0)

    for command, (module, attribute) in wanted.items():
        function: Any = getattr(import_module(module), attribute)
        if isinstance(function, typer.Typer):
            app.add_typer(function, name=command)
        else:
            app.command(name=command)(function)
    result = app(arguments, standalone_mode=False, prog_name="rightscheck")
    return result if isinstance(result, int) else 0


def _shown(error: Exception) -> int | None:
    """The exit code of a usage error, after it has shown itself; None for any other error.

    Told by what it can do, because typer brings its own copy of click's errors.
    """
    show, code = getattr(error, "show", None), getattr(error, "exit_code", None)
    if callable(show) and isinstance(code, int):
        show()
        return code
    return None


def _complain(*lines: str, hint: str = "") -> None:
    for line in lines:
        sys.stderr.write(f"rightscheck: {line}\n")
    if hint:
        sys.stderr.write(f"  hint: {hint}\n")
