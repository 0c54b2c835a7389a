"""What company.yaml may say of a system over REST: where it is, who we are there, and the shape of each request."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_core import InitErrorDetails

from gateway.canonical import DOCUMENTS, Spots, objects
from gateway.connectors.rest.shape import PLACE, Steps, is_template, texts, wrong, wrong_template
from gateway.errors import SetupError
from gateway.marked_yaml import close
from gateway.profiles.authentication import Authentication
from gateway.profiles.company import DocumentClass
from gateway.profiles.secrets import PREFIX, REFERENCE
from gateway.profiles.words import Elapsed, FileRef, Model, Text, Word, listed

ANY = "*"
ORDER = "PurchaseOrder"
IN_CLEAR = "whoever reads the profile, its history or a backup would have it"
SECRET_HEADER = re.compile(r"(?i)\b(?:sec|secret|token|key|apikey|auth\w*|pass\w*|pwd|cookie|credentials?)\b")
SECRET_FIELD = re.compile(r"(?i).*(?:password|passphrase|token|secret)|api[_-]?key")
ADDRESS = r"https?://[^\s/@?#]+(?:/[^\s?#]*)?"


Wrong = Iterable[tuple[Steps, str]]


def raise_for(wrong: Wrong, kind: str) -> None:
    """Raises pydantic's error with each fault at its own place."""
    told: list[InitErrorDetails] = [
        {"type": "value_error", "loc": path, "input": None, "ctx": {"error": ValueError(why)}}
        for path, why in wrong
    ]
    if told:
        raise ValidationError.from_exception_data(kind, told)


def shape(value: dict[str, Any]) -> dict[str, Any]:
    raise_for(wrong(value, None, None), "body")
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

    def astray(self, root: Spots, at: Steps) -> Wrong:
        """Places in it that the object does not have."""
        yield from wrong(self.body or {}, root, root, (*at, "body"))
        for place, text in self._templates():
            if why := wrong_template(text, root, root):
                yield (*at, *place), why

    def written_out(self) -> Iterator[Steps]:
        """Where a text that never changes stands under a name that says secret."""
        for name, text in self.headers.items():
            if SECRET_HEADER.search(name) and not is_template(text):
                yield "headers", name
        for place, text in texts(self.body, ("body",)):
            if SECRET_FIELD.fullmatch(str(place[-1])) and text.startswith("="):
                yield place

    def says(self, field: str) -> bool:
        """Whether a field of the object is handed over, however it is called there."""
        stated = [*self._templates(), *texts(self.body, ())]
        return any(re.search(rf"\b{field}\b", text) for _, text in stated if not text.startswith("="))

    def _templates(self) -> Iterator[tuple[Steps, str]]:
        yield ("path",), self.path
        yield from ((("headers", name), text) for name, text in self.headers.items())


class Request(Shape):
    """How one kind of object is handed over."""

    change: Shape | None = Field(
        None, description="the request for an accepted change, where the system wants another"
    )

    def shapes(self, at: Steps) -> Iterator[tuple[Steps, Shape]]:
        """Itself, and what stands in for it, each with where it is."""
        yield at, self
        if self.change is not None:
            yield (*at, "change"), self.change


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

    @model_validator(mode="after")
    def places_exist(self) -> Settings:
        raise_for(self._astray(), "requests")
        return self

    def _astray(self) -> Wrong:
        """Places that no object of the kind has."""
        for kind, request in self.requests.items():
            if kind not in (*DOCUMENTS, ANY):
                yield ("requests", kind, "[key]"), f"there is no such object; {close(kind, DOCUMENTS)}"
                continue
            root = objects({kind} if kind != ANY else DOCUMENTS.keys() - self.requests.keys())
            for at, one in request.shapes(("requests", kind)):
                yield from one.astray(root, at)

    def doubts(self) -> Iterator[tuple[Steps, str, str, str]]:
        """What may well be meant otherwise: where, what, why, and what to do."""
        for kind, request in self.requests.items():
            for at, one in request.shapes(("requests", kind)):
                for place in one.written_out():
                    fix = "if it is one, change it, and write auth: {header: {NAME: secret:NAME}}"
                    yield (*at, *place), "reads like a secret that is written out", IN_CLEAR, fix
        order = self.request(ORDER)
        if order is not None and order.body is not None and not order.says("purpose"):
            at = ("requests", ORDER if ORDER in self.requests else ANY, "body")
            why = "a cancellation or a replacement would look like the order itself, a second time"
            yield (
                at,
                "does not say the purpose of an order",
                why,
                "add a field of the system's for it: purpose",
            )

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
