"""A process that reads arrivals, started by the gateway: `python -m gateway.pipeline.inbound`."""

from __future__ import annotations

import sys

from gateway import collector

if __name__ == "__main__":
    collector.seldom()
    from gateway.pipeline.inbound import reading_process

    reading_process.main(*sys.argv[1:])
