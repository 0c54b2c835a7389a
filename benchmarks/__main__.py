"""`python -m benchmarks [--quick] [NAME...]`: runs the benchmarks and prints their tables."""

from __future__ import annotations

import argparse
import importlib

from benchmarks.scale import QUICK, Scale

NAMES = ("reading", "edifact", "records", "memory", "writing", "end_to_end", "conversation")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(NAMES)}; default all")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only shows that everything runs")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; known: {', '.join(NAMES)}")
    for name in chosen.names or NAMES:
        for table in importlib.import_module(f"benchmarks.{name}").run(QUICK if chosen.quick else Scale()):
            print(table, flush=True)


if __name__ == "__main__":
    main()
