"""The command line: it prints and decides nothing.

Each command is a function of `documents`, `house` or `operate`; what it shows comes from `show`. Exit status: 0 all
good, 1 the document or the configuration has faults, 2 wrong usage. There is never a traceback.
"""

from __future__ import annotations

import os
import sys

import typer

from gateway.cli import documents, house, operate
from gateway.cli.documents import settings
from gateway.cli.show import complain, print_setup_faults
from gateway.errors import GatewayError, SetupError

app = typer.Typer(
    name="gateway",
    help="A B2B/EDI gateway: partners' documents in, clean business objects to your ERP, the right answers back.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for room in (documents, house, operate):
    for name, command in room.COMMANDS.items():
        app.command(name)(command)


def main() -> None:
    """The `gateway` program."""
    try:
        app(prog_name="gateway")
    except SetupError as error:
        if error.faults:
            print_setup_faults(error.faults, settings().partners_dir)
        else:
            complain(str(error))
        sys.exit(1)
    except GatewayError as error:
        complain(str(error))
        sys.exit(1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except FileExistsError as error:
        complain(
            f"{error.filename}: a file stands where a folder is wanted; move it away, or name another folder"
        )
        sys.exit(1)
    except OSError as error:
        complain(f"{error.filename or 'system'}: {error.strerror or error}")
        sys.exit(1)
    except Exception as error:
        sys.exit(explained(error))


def explained(error: Exception) -> int:
    """Says in a sentence what others raised, and gives the exit status. What is nobody's to mend is our own mistake."""
    from pydantic import ValidationError
    from sqlalchemy.exc import SQLAlchemyError

    if isinstance(error, ValidationError):  # only settings are read without a room around them
        for detail in error.errors():
            variable = "_".join(["GATEWAY", *map(str, detail["loc"])]).upper()
            expected = detail["msg"].partition(",")[0].replace("Input should be ", "")
            complain(f"{variable}: came {detail['input']!r}; expected {expected}; see docs/settings.md")
        return 2
    if isinstance(error, SQLAlchemyError):
        complain(f"the ledger: {getattr(error, 'orig', None) or error}; see `backup` in docs/operating.md")
    elif isinstance(error, ModuleNotFoundError):  # a database's driver: SQLite needs none
        complain(f"the module {error.name} is not installed; `pip install {error.name}` adds it")
    elif os.environ.get("GATEWAY_DEBUG"):
        raise error
    else:
        complain(f"internal error: {type(error).__name__}: {error}; run with GATEWAY_DEBUG=1 and report it")
    return 1
