"""The gateway's own HTTP port: whether it is well, and what a monitor counts. Programs' API comes beside it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

Health = Callable[[], Awaitable[Mapping[str, Any]]]
"""What is well and what is not; `well` says whether this instance should get work."""


def application(health: Health, registry: CollectorRegistry) -> Starlette:
    """`/health` (200 when well, else 503, with the reasons) and `/metrics` in Prometheus' text format."""

    async def show_health(request: Request) -> Response:
        state = await health()
        return JSONResponse(dict(state), status_code=200 if state.get("well") else 503)

    async def show_metrics(request: Request) -> Response:
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return Starlette(routes=[Route("/health", show_health), Route("/metrics", show_metrics)])
