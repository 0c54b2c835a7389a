"""`gateway`, also as `python -m gateway`. Ctrl-C is answered from the first moment, while imports still go on."""

from __future__ import annotations

import sys

INTERRUPTED = 130
"""What a shell reports for a program that Ctrl-C ended."""


def main() -> None:
    """The `gateway` program."""
    try:
        from gateway import collector

        collector.seldom()
        from gateway.cli import main as command

        command()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
