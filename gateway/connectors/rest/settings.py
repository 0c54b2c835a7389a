"""What company.yaml may say of a system over REST: where it is, who we are there, and the shape of each request."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway.connectors.rest.shape import PLACE, wrong_shape, wrong_template
from gateway.errors import SetupError
from gateway.profiles.authentication import Authentication
from gateway.profiles.company import DocumentClass
from gateway.profiles.secrets import PREFIX, REFERENCE
from gateway.profiles.words import Elapsed, FileRef, Model, Text, Word, listed

ANY = "*"
ADDRESS = r"https?://[^\s/@?#]+(?:/[^\s?#]*)?"


def shape(value: dict[str, Any]) -> dict[str, Any]:
    if why := wrong_shape(value):
        raise ValueError(why)
    return value


def template(value: str) -> str:
    if why := wrong_template(value):
        raise ValueError(why)
    return value


Address = Annotated[
    str,
    Word(
        "an http or https address without a password or a query in it, or a reference to a secret",
        rf"{ADDRESS}|{REFERENCE}",
        "https://erp.example/api or secret:erp/url",
        secret=True,
    ),
]
Path = Annotated[
    str,
    Word("a path that begins with /", r"/[^\n\r\0]{0,500}", "/orders or /customers/{{ buyer.id }}/orders"),
    AfterValidator(template),
]
Header = Annotated[str, Word("the name of a header", r"[A-Za-z0-9-]{1,64}", "X-Company")]
HeaderText = Annotated[Text, AfterValidator(template)]
Place = Annotated[str, Word("a place in JSON", PLACE.pattern, "data.id")]


class Answer(Model):
    """Where the system's answer says what; places in its JSON."""

    number: Place | None = Field(None, description="the system's own number for the object")
    status: Place | None = Field(None, description="what it says of it")
    good: Annotated[tuple[Text, ...], BeforeValidator(listed, json_schema_input_type=Text | list[Text])] = (
        Field((), description="the statuses that mean it was taken, where 2xx alone does not say so")
    )


class Shape(Model):
    """One request."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    path: Path = "/"
    headers: dict[Header, HeaderText] = Field(default_factory=dict)
    body: Annotated[dict[str, Any], AfterValidator(shape)] | None = Field(
        None, description="field: place, template or =constant; without it the object is sent as it is"
    )
    answer: Answer = Answer()


class Request(Shape):
    """How one kind of object is handed over."""

    change: Shape | None = Field(
        None, description="the request for an accepted change, where the system wants another"
    )


class Settings(Model):
    """One system over REST. `requests` are by kind of object; `*` is for all others."""

    url: Address
    auth: Authentication = Authentication()
    requests: dict[DocumentClass, Request] = Field(min_length=1)
    timeout: Elapsed = Field(timedelta(seconds=20), description="for one request as a whole")
    certificates: FileRef | None = Field(
        None, description="the authorities we trust for its certificate, where they are not the public ones"
    )

    @model_validator(mode="after")
    def some_time(self) -> Settings:
        if not self.timeout:
            raise ValueError("leaves no time to answer; write timeout: 20s")
        return self

    def request(self, kind: str) -> Request | None:
        return self.requests.get(kind) or self.requests.get(ANY)

    def takes(self, kind: str) -> bool:
        """Whether it is declared how objects of this kind are handed over."""
        return self.request(kind) is not None or (kind == ANY and bool(self.requests))

    def where(self, resolve: Callable[[str], str]) -> str:
        """The address. Raises SetupError where what a secret says is none."""
        found = resolve(self.url) if self.url.startswith(PREFIX) else self.url
        if not re.fullmatch(ADDRESS, found, re.ASCII):
            raise SetupError(f"resolving {self.url}: what it says is no http or https address")
        return found

    @property
    def exposed(self) -> str:
        """Why secrets travel where others can read them, or nothing."""
        host = self.url.partition("://")[2].partition("/")[0].partition(":")[0]
        here = host == "localhost" or host.startswith("127.")
        plain = self.url.startswith("http://") and not here
        return "http, not https" if plain and self.auth != Authentication() else ""
