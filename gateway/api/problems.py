"""What went wrong with a request, as RFC 9457 has it: `application/problem+json`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.faults import Fault

MOST = 100
"""Faults of one document that are told."""
KIND = "urn:edi-gateway:problem:"


class Problem(Exception):
    """The request ends with this. `kind` names it for programs, where the status alone does not."""

    def __init__(
        self,
        status: int,
        detail: str,
        kind: str = "",
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.kind = status, detail, kind
        self.faults, self.headers = faults, dict(headers or {})

    def response(self) -> Response:
        told: dict[str, Any] = {
            "type": f"{KIND}{self.kind}" if self.kind else "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        if self.faults:
            told["errors"] = [error_of(fault) for fault in self.faults[:MOST]]
        return JSONResponse(told, self.status, self.headers, media_type="application/problem+json")


def error_of(fault: Fault) -> dict[str, str]:
    """One fault of a document: where, by JSON path, what, and what to do."""
    told = {
        "path": fault.place.field or "$",
        "code": fault.code.word,
        "detail": fault.message,
        "hint": fault.hint or fault.code.value.hint,
    }
    return {key: value for key, value in told.items() if value}


async def tell(request: Request, error: Exception) -> Response:
    """The handler of everything that ends a request early."""
    if isinstance(error, Problem):
        return error.response()
    if isinstance(error, HTTPException):
        return Problem(error.status_code, str(error.detail), headers=error.headers).response()
    return Problem(500, "a fault of ours; it is in the gateway's log").response()
