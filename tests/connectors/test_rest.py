"""The rest connector: what is sent, what every answer means, who we say we are, and what is never said."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing, nullcontext, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from gateway.canonical import DOCUMENTS, fields
from gateway.connectors import Taken, rest
from gateway.connectors.rest import exchange, shape
from gateway.connectors.rest.exchange import Rest
from gateway.errors import GatewayError, Refused, SetupError, ShutOut, TransportError
from gateway.rehearsal.erp import Book, Erp, serving

ORDER = {
    "number": "4500/17",
    "buyer": {"name": "Harbor & Main", "id": {"kind": "buyer", "value": "0012"}},
    "dates": {"delivery requested": "2026-03-16"},
    "lines": [
        {"number": "1", "quantity": "24", "ids": {"upc": "854120000002"}, "price": {"amount": "3.15"}},
        {"number": "2", "quantity": "6", "unit": "case"},
    ],
}
DOCUMENT = json.dumps(ORDER).encode()
KEY = "harbor/4500%2F17"
TAKEN = Taken("SO-00001", "open")

# -- shapes

FACTS = {"key": KEY, "type": "PurchaseOrder"}
COMPOSED: list[tuple[Any, Any]] = [
    ({"no": "number"}, {"no": "4500/17"}),
    ({"source": "=EDI", "who": "{{ buyer.name | upper }}"}, {"source": "EDI", "who": "HARBOR & MAIN"}),
    ({"wanted": "dates.delivery requested"}, {"wanted": "2026-03-16"}),
    ({"first": "lines.0.quantity", "third": "lines.2.quantity"}, {"first": "24"}),
    (
        {"qty": "lines.0.quantity | number", "price": "lines.0.price.amount|number"},
        {"qty": 24, "price": 3.15},
    ),
    ({"no": "number | number"}, {"no": "4500/17"}),
    (
        {"lines": {"each": "lines", "upc": "ids.upc", "ref": "{{ type }}-{{ number }}"}},
        {"lines": [{"upc": "854120000002", "ref": "PurchaseOrder-1"}, {"ref": "PurchaseOrder-2"}]},
    ),
    ({"lines": {"each": "nothing", "upc": "ids.upc"}}, {"lines": []}),
    ({"lines": {"each": "number", "upc": "ids.upc"}}, {"lines": []}),
    (
        {"deep": {"nothing": "supplier.name"}, "customer": {"id": "buyer.id.value"}},
        {"customer": {"id": "0012"}},
    ),
    ({"id": "buyer.id"}, {"id": {"kind": "buyer", "value": "0012"}}),
    ({"tags": ["=edi", "buyer.id.kind", "nowhere"]}, {"tags": ["edi", "buyer"]}),
    ({"all": "{{ document.number }}"}, {"all": "4500/17"}),
    ({"nothing": "nowhere"}, None),
]


@pytest.mark.parametrize(("declared", "body"), COMPOSED)
def test_a_body_is_composed_of_places_templates_and_constants(declared: Any, body: Any):
    assert list(shape.wrong(declared, None, None)) == []
    assert shape.compose(declared, ORDER, {**FACTS, "document": ORDER}) == body


WRONG = [
    ({"requests": {}}, "requests"),
    ({"url": "ftp://erp"}, "not an http or https address"),
    ({"url": "https://me:secret@erp"}, "not an http or https address"),
    ({"url": "https://erp/api?key=s3cr3t"}, "not an http or https address"),
    ({"timeout": "0s"}, "leaves no time"),
    ({"auth": {"bearer": "hunter2"}}, "not a reference to a secret"),
    ({"auth": {"bearer": "secret:a", "header": {"X-Api-Key": "secret:b"}}}, "in several ways"),
    ({"requests": {"*": {"path": "orders"}}}, "path that begins with /"),
    ({"requests": {"*": {"path": "/{{ number"}}}, "is no template"),
    ({"requests": {"*": {"path": "/{% for x in y %}{% endfor %}"}}}, "for may not stand in one"),
    ({"requests": {"*": {"method": "DELETE"}}}, "POST"),
    ({"requests": {"*": {"headers": {"X Y": "z"}}}}, "name of a header"),
    ({"requests": {"*": {"body": {"no": "a | sum"}}}}, "has no codec sum"),
    ({"requests": {"*": {"body": {"no": "{not a place}"}}}}, "is no place"),
    ({"requests": {"*": {"body": {"no": None}}}}, "is nothing"),
    ({"requests": {"*": {"body": {"lines": {"each": {"a": "b"}}}}}}, "an each: that is no place"),
    (
        {"requests": {"*": {"body": {"lines": {"each": "{{ lines }}", "no": "number"}}}}},
        "an each: that is no place",
    ),
    ({"requests": {"*": {"answer": {"number": "data..id"}}}}, "place in JSON"),
    ({"colour": "red"}, "Extra inputs"),
]


@pytest.mark.parametrize(("said", "why"), WRONG)
def test_settings_that_are_wrong_are_told(said: dict[str, Any], why: str):
    with pytest.raises(ValidationError, match=why) as raised:
        rest.Settings.model_validate({"url": "https://erp.example", "requests": {"*": {}}, **said})
    assert "hunter2" not in str(raised.value)
    assert "s3cr3t" not in str(raised.value)


TEXTS = some.sampled_from(
    ["number", "lines.0.ids", "=x", "{{ number }}", "{{ lines[0] }}", "a.b | number", "each"]
)
JSONS = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(max_size=5),
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["number", "lines", "ids", "a", "b"]), inner, max_size=4)
    ),
    max_leaves=10,
)
SHAPES = some.recursive(
    TEXTS,
    lambda inner: (
        some.lists(inner, max_size=3)
        | some.dictionaries(some.sampled_from(["x", "y", "z"]), inner, max_size=3)
        | inner.map(lambda one: {"each": "lines", "of": one})
    ),
    max_leaves=8,
)


@given(SHAPES, JSONS)
def test_any_shape_over_any_object_is_json_or_says_what_is_missing(declared: Any, document: Any):
    assert list(shape.wrong(declared, None, None)) == []
    with suppress(SetupError):
        json.dumps(shape.compose(declared, document, {**FACTS, "document": document}))


# -- a system to talk to


@dataclass
class System:
    """The stub, and a connector to it with the request declared."""

    erp: Erp
    url: str
    made: list[Rest]

    def connector(self, secrets: Mapping[str, str] | None = None, clock: Any = None, **said: Any) -> Rest:
        answer = {"number": "data.id", "status": "data.status"}
        request = {"path": "/orders", "answer": answer, **said.pop("request", {})}
        settings = {"url": self.url, "requests": {"*": request}, "timeout": "1s", **said}
        known = secrets or {}

        def resolve(reference: str) -> str:
            if reference not in known:
                raise SetupError(f"resolving {reference}: there is none")
            return known[reference]

        made = Rest(rest.Settings.model_validate(settings), resolve, **({"clock": clock} if clock else {}))
        self.made.append(made)
        return made

    async def hand(self, **said: Any) -> Taken:
        return await self.connector(**said).deliver(KEY, "PurchaseOrder", DOCUMENT, "c-1")

    @property
    def effects(self) -> int:
        return sum(self.erp.book.effects.values())


@asynccontextmanager
async def stub(tmp: Path) -> AsyncIterator[System]:
    with closing(Book(tmp / "erp.sqlite")) as book:
        erp = Erp(book)
        async with serving(erp) as url:
            found = System(erp, url, [])
            yield found
            for one in found.made:
                await one.close()


@pytest.fixture
async def system(tmp_path: Path) -> AsyncIterator[System]:
    async with stub(tmp_path) as found:
        yield found


async def test_the_system_gets_the_object_and_says_what_it_calls_it(system: System):
    assert await system.hand() == TAKEN
    assert system.erp.book.bodies == [DOCUMENT]
    (told,) = system.erp.requests
    assert (told[":method"], told[":path"], told["content-type"]) == ("POST", "/orders", "application/json")
    assert told["x-correlation-id"] == "c-1"
    assert told["gateway-key"] == "harbor/4500%2F17"
    assert told["idempotency-key"].startswith("PurchaseOrder/harbor/4500%2F17/")
    assert told["gateway-digest"] == hashlib.sha256(DOCUMENT).hexdigest()
    assert "gateway-supersedes" not in told


@pytest.mark.parametrize(
    ("key", "header"),
    [("NK 16%2F1/001", "NK%2016%2F1/001"), ("100%25/7", "100%25/7"), ("kühn/7", "k%C3%BChn/7")],
)
def test_what_a_header_cannot_hold_of_a_key_is_escaped_once(key: str, header: str):
    assert exchange.in_a_header(key) == header


async def test_what_is_declared_is_what_is_sent(system: System):
    declared = {
        "method": "PUT",
        "path": "/customers/{{ buyer.id.value }}/orders/{{ number }}?from={{ type }}",
        "headers": {"X-Company": "NW", "X-Request-Id": "{{ idempotency_key }}"},
        "body": {"orderNo": "number", "lines": {"each": "lines", "qty": "quantity | number"}},
    }
    await system.hand(request=declared)
    (told,) = system.erp.requests
    assert told[":method"] == "PUT"
    assert told[":path"] == "/customers/0012/orders/4500/17"  # the server decodes; it was one step
    assert told["x-company"] == "NW"
    assert told["x-request-id"] == told["idempotency-key"]
    assert json.loads(system.erp.book.bodies[0]) == {"orderNo": "4500/17", "lines": [{"qty": 24}, {"qty": 6}]}


def test_no_field_of_an_object_takes_the_place_of_what_a_template_knows_beside_it():
    facts = {"key", "type", "correlation", "idempotency_key", "document"}
    for kind in DOCUMENTS.values():
        assert facts.isdisjoint(fields(kind))
    letter = Rest(
        rest.Settings.model_validate(
            {"url": "https://erp", "requests": {"*": {"path": "/{{ type }}/{{ kind }}"}}}
        )
    )._letter(KEY, "PurchaseOrder", b'{"kind": "stand-alone"}', "c", ())
    assert letter.url == "https://erp/PurchaseOrder/stand-alone"


KEYS = [
    ("PurchaseOrder", "a/1", b"{}"),
    ("PurchaseOrder", "a-1", b"{}"),
    ("PurchaseOrder", "a/1", b'{"changed": 1}'),
    ("Invoice", "a/1", b"{}"),
    ("PurchaseOrder", "ü" * 300, b"{}"),
    ("PurchaseOrder", "ü" * 301, b"{}"),
]


def test_an_idempotency_key_is_one_of_its_own_for_each_kind_key_and_content():
    found = [exchange.idempotency_key(*one) for one in KEYS]
    assert len(set(found)) == len(KEYS)
    assert found == [exchange.idempotency_key(*one) for one in KEYS]
    assert all(len(one) <= 255 and one.isascii() and one.isprintable() for one in found)
    assert found[0].startswith("PurchaseOrder/a/1/")


async def test_a_change_says_what_it_supersedes_and_may_be_another_request(system: System):
    first = system.connector(request={"change": {"method": "PUT", "path": "/orders/{{ number }}"}})
    await first.deliver(KEY, "PurchaseOrder", b'{"number": "7"}', "c-1")
    earlier = hashlib.sha256(b'{"number": "7"}').hexdigest()
    for _ in range(2):
        await first.deliver(KEY, "PurchaseOrder", b'{"number": "7", "release": "2"}', "c-2", {earlier})
    keys = [told["idempotency-key"] for told in system.erp.requests]
    assert [told[":method"] for told in system.erp.requests] == ["POST", "PUT", "PUT"]
    assert system.erp.requests[1]["gateway-supersedes"] == earlier
    assert keys[0] != keys[1] == keys[2]
    assert system.effects == 2


# -- what answers mean

SAID = json.dumps({"error": "no such customer"})
REFUSALS = [
    (400, SAID, "400 Bad Request.*no such customer"),
    (404, "", "404 Not Found"),
    (412, SAID, "other content than was delivered before"),
    (422, SAID, "422"),
    (301, "", "redirects, which is not followed"),
    (499, "x" * 10_000, "499"),
]


@pytest.mark.parametrize(("status", "body", "why"), REFUSALS)
async def test_a_no_is_refused_with_what_was_said(system: System, status: int, body: str, why: str):
    system.erp.next("refuse", status=status, body=body)
    with pytest.raises(Refused, match=why) as raised:
        await system.hand()
    assert raised.value.body == body[: exchange.KEPT]
    assert len(str(raised.value)) < 500
    assert system.effects == 0


AGAIN = [
    (500, "", None),
    (502, "", None),
    (503, "120", 120.0),
    (429, "7", 7.0),
    (408, "", None),
    (425, "", None),
]


@pytest.mark.parametrize(("status", "asked", "wait"), AGAIN)
async def test_what_may_be_better_later_is_tried_again(
    system: System, status: int, asked: str, wait: float | None
):
    system.erp.next("down", status=status, retry_after=asked)
    with pytest.raises(TransportError, match=str(status)) as raised:
        await system.hand()
    assert raised.value.retry_after == wait
    assert await system.hand() == TAKEN
    assert system.effects == 1


NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
WAITS = [
    ("120", 120.0),
    (" 0 ", 0.0),
    ("Sat, 28 Nov 2026 12:02:00 GMT", 120.0),
    ("Sat, 28 Nov 2026 11:00:00 GMT", 0.0),
    ("Sun, 28 Nov 2027 12:00:00 GMT", exchange.PATIENCE),
    ("99999999999999999999", exchange.PATIENCE),
    ("9" * 5000, None),
    ("-5", None),
    ("soon", None),
    ("", None),
    ("Sat, 99 Nov 2026 12:02:00 GMT", None),
]


@pytest.mark.parametrize(("text", "seconds"), WAITS)
def test_retry_after(text: str, seconds: float | None):
    assert exchange.retry_after(text, NOW) == seconds


@pytest.mark.parametrize("how", ["lose", "silent"])
async def test_an_answer_that_is_lost_is_a_transport_error_and_the_effect_one(system: System, how: str):
    system.erp.next(how)
    with pytest.raises(TransportError):
        await system.hand()
    assert system.effects == 1
    assert await system.hand() == TAKEN
    assert system.effects == 1


async def test_a_system_that_is_too_slow_is_a_transport_error(system: System):
    system.erp.next("slow", seconds=3)
    with pytest.raises(TransportError, match="within 1 s"):
        await system.hand()


async def test_409_means_it_was_there_already(system: System):
    system.erp.known = 409
    system.erp.next("lose")
    with pytest.raises(TransportError):
        await system.hand()
    assert await system.hand() == Taken("SO-00001", "it was there already")


async def test_409_of_a_change_is_no_success(system: System):
    system.erp.next("refuse", status=409, body=SAID)
    with pytest.raises(Refused, match="the change was not taken"):
        await system.connector().deliver(KEY, "PurchaseOrder", DOCUMENT, "c-1", {"0" * 64})


async def test_2xx_with_another_status_than_the_good_ones_is_refused(system: System):
    answer = {"status": "data.status", "good": "open"}
    assert (await system.hand(request={"answer": answer})).status == "open"
    with pytest.raises(Refused, match="says open"):
        await system.hand(request={"answer": answer | {"good": ["booked"]}})


ANSWERS = ["", "no JSON", "[]", '{"data": null}', '{"data": {"id": {}, "status": true}}', "[" * 100_000]


@pytest.mark.parametrize("body", ANSWERS)
async def test_a_yes_without_the_expected_words_is_a_yes(system: System, body: str):
    system.erp.next("refuse", status=200, body=body)
    assert await system.hand() == Taken()


async def test_of_an_endless_answer_only_the_beginning_is_read(
    system: System, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(exchange, "LARGEST", 10_000)
    system.erp.next("refuse", status=200, body='{"data": {"id": "7"}}' + " " * 5_000_000)
    assert (await system.hand()).number == "7"


UNFIT = [
    ({"path": "/orders/{{ release }}"}, "there is no value release"),
    ({"headers": {"X-Name": "Hå{{ number }}"}}, "no header can"),
    ({"path": "/orders/{{ '..' }}"}, "cannot stand in a path"),
    ({"body": {"no": "{{ release }}"}}, "there is no value"),
]


@pytest.mark.parametrize(("request_", "why"), UNFIT)
async def test_a_request_that_cannot_be_made_waits_for_a_person(system: System, request_: Any, why: str):
    with pytest.raises(SetupError, match=why):
        await system.hand(request=request_)
    assert system.erp.requests == []


async def test_a_kind_that_no_request_is_declared_for_waits_for_a_person(system: System):
    settings = {"url": system.url, "requests": {"Invoice": {}}}
    connector = Rest(rest.Settings.model_validate(settings))
    with pytest.raises(SetupError, match="has no PurchaseOrder; add it"):
        await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c-1")


# -- who we are

HUNTER = "hunter2+/="
LOGINS = [
    ({"bearer": "secret:erp"}, f"Bearer {HUNTER}"),
    ({"header": {"X-Api-Key": "secret:erp"}}, HUNTER),
    ({"basic": {"user": "hub", "password": "secret:erp"}}, "Basic aHViOmh1bnRlcjIrLz0="),
]


@pytest.mark.parametrize(("auth", "key"), LOGINS)
async def test_a_login(system: System, auth: dict[str, Any], key: str):
    system.erp.keys = {key}
    assert await system.hand(auth=auth, secrets={"secret:erp": HUNTER}) == TAKEN
    with pytest.raises(Refused, match="401"):
        await system.hand(auth=auth, secrets={"secret:erp": "wrong"})


async def test_a_secret_that_changes_is_used_at_once(system: System):
    secrets = {"secret:erp": "old"}
    connector = system.connector(secrets, auth={"bearer": "secret:erp"})
    for token in ("old", "new"):
        system.erp.keys, secrets["secret:erp"] = {f"Bearer {token}"}, token
        assert await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c") == TAKEN


def oauth2(system: System, **more: str) -> dict[str, Any]:
    return {"oauth2": {"token_url": f"{system.url}/token", "client": "hub", "secret": "secret:erp", **more}}


@pytest.mark.parametrize("send", ["header", "body"])
async def test_a_token_is_fetched_once_and_used_until_shortly_before_its_end(system: System, send: str):
    clock, system.erp.client = [0.0], ("hub", HUNTER)
    connector = system.connector(
        {"secret:erp": HUNTER}, lambda: clock[0], auth=oauth2(system, send=send, scope="orders")
    )
    for at, tokens in [(0.0, 1), (3569.0, 1), (3571.0, 2)]:
        clock[0] = at
        await asyncio.gather(
            *(connector.deliver(f"harbor/{n}", "PurchaseOrder", DOCUMENT, "c") for n in range(3))
        )
        assert len(system.erp.tokens) == tokens


async def test_a_token_that_is_turned_away_is_fetched_anew_once(system: System):
    system.erp.client = ("hub", HUNTER)
    connector = system.connector({"secret:erp": HUNTER}, auth=oauth2(system))
    await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c")
    system.erp.tokens.clear()
    assert await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c") == TAKEN
    asked = len(system.erp.requests)
    system.erp.next("refuse", status=401)
    system.erp.next("refuse", status=401)
    with pytest.raises(Refused, match="401"):
        await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c")
    assert len(system.erp.requests) == asked + 2


async def test_a_login_that_is_wrong_is_the_system_s_fault_and_tried_again(system: System):
    """A document is not given up for a secret that was changed."""
    system.erp.client, system.erp.keys = ("hub", "another"), {"Bearer none"}
    for auth in (oauth2(system), oauth2(system, send="body"), {"bearer": "secret:erp"}):
        with pytest.raises(ShutOut) as raised:
            await system.hand(auth=auth, secrets={"secret:erp": HUNTER})
        assert raised.value.retry


async def test_a_token_s_server_that_knows_us_not_may_say_400(
    system: System, monkeypatch: pytest.MonkeyPatch
):
    """RFC 6749, 5.2: `invalid_client` is 401 or 400; either is said of us and of no document."""
    answer = exchange.Reply(400, {}, '{"error": "invalid_client"}')
    monkeypatch.setattr(Rest, "_asked", AsyncMock(return_value=answer))
    with pytest.raises(
        ShutOut, match=r"fetching a token from .*/token: answered 400 .*invalid_client"
    ) as raised:
        await system.hand(auth=oauth2(system), secrets={"secret:erp": HUNTER})
    assert raised.value.retry


async def test_a_token_that_is_not_given_says_so(system: System):
    system.erp.client = ("hub", "another")
    with pytest.raises(Refused, match=r"fetching a token from .*/token: answered 401 .*invalid_client"):
        await system.hand(auth=oauth2(system), secrets={"secret:erp": HUNTER})
    assert system.erp.requests == []


# -- what is never said


@pytest.mark.parametrize("auth", [auth for auth, _ in LOGINS])
async def test_a_system_that_repeats_our_secret_has_it_struck_out(system: System, auth: dict[str, Any]):
    echo = f"you sent {HUNTER} and aHViOmh1bnRlcjIrLz0="
    for how in ("refuse", "down"):
        system.erp.next(how, status=422 if how == "refuse" else 503, body=echo)
        with pytest.raises(GatewayError) as raised:
            await system.hand(auth=auth, secrets={"secret:erp": HUNTER})
        told = f"{raised.value} {getattr(raised.value, 'body', '')}"
        assert "you sent [secret]" in told
        assert "hunter2" not in told


@pytest.mark.parametrize("secret", ["hunter2\nX-Evil: 1", "hunter2\0", "hünter2"])
async def test_a_secret_that_no_header_can_hold_is_told_without_it(system: System, secret: str):
    with pytest.raises(SetupError, match="no header can") as raised:
        await system.hand(auth={"bearer": "secret:erp"}, secrets={"secret:erp": secret})
    assert "nter2" not in str(raised.value)


async def test_nothing_of_a_request_is_logged(system: System, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    await system.hand(auth={"bearer": "secret:erp"}, secrets={"secret:erp": HUNTER})
    assert caplog.records
    assert HUNTER not in caplog.text


# -- connections


async def test_closing_lets_what_is_in_hand_finish(system: System):
    connector = system.connector()
    system.erp.next("slow", seconds=0.3)
    handing = asyncio.create_task(connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c"))
    while not system.erp.requests:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await connector.close()
    assert not handing.done()
    assert await handing == TAKEN
    assert connector._line._client is None
    assert await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c") == TAKEN, "a step begun before"
    assert connector._line._client is None


async def test_connections_are_kept(system: System):
    connector = system.connector()
    for n in range(5):
        await connector.deliver(f"harbor/{n}", "PurchaseOrder", DOCUMENT, "c")
    assert len(system.erp.server.server_state.connections) == 1


# -- certificates


@dataclass
class Authority:
    """A certificate for localhost, signed by itself, and a server that shows it and says yes to everything."""

    folder: Path
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    def __post_init__(self) -> None:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "our own")])
        at = datetime.now(UTC)
        signed = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(at - timedelta(days=1))
            .not_valid_after(at + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
            .add_extension(x509.BasicConstraints(True, None), True)
            .sign(self.key, hashes.SHA256())
        )
        self.pem = signed.public_bytes(Encoding.PEM).decode()
        secret = self.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.folder / "server.pem").write_bytes(self.pem.encode() + secret)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / "server.pem")
        server = await asyncio.start_server(self.answer, "127.0.0.1", 0, ssl=context)
        async with server:
            yield server.sockets[0].getsockname()[1]

    @staticmethod
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


TRUSTED = [
    ("localhost", None, TransportError),
    ("localhost", "certs/own.pem", None),
    ("127.0.0.1", "certs/own.pem", TransportError),
    ("localhost", "certs/none.pem", SetupError),
]


@pytest.mark.parametrize(("host", "certificates", "error"), TRUSTED)
async def test_only_a_certificate_of_a_known_authority_for_that_host_is_trusted(
    tmp_path: Path, host: str, certificates: str | None, error: type[Exception] | None
):
    authority = Authority(tmp_path)
    files = {"certs/own.pem": authority.pem, "certs/none.pem": "no certificate"}
    async with authority.serving() as port:
        settings = {"url": f"https://{host}:{port}", "requests": {"*": {}}, "certificates": certificates}
        connector = Rest(rest.Settings.model_validate(settings), files.__getitem__)
        with nullcontext() if error is None else pytest.raises(error):
            assert await connector.deliver(KEY, "PurchaseOrder", DOCUMENT, "c") == Taken()
        await connector.close()


@pytest.mark.parametrize(
    ("says", "comes"),
    [
        ("http://127.0.0.1:9/api", "http://127.0.0.1:9/api"),
        ("ftp://erp.example", None),
        ("https://me@erp", None),
    ],
)
def test_the_address_may_be_a_secret_s(says: str, comes: str | None) -> None:
    declared = rest.Settings.model_validate({"url": "secret:erp/url", "requests": {"*": {}}})
    if comes is None:
        with pytest.raises(SetupError, match="secret:erp/url") as told:
            declared.where(lambda reference: says)
        assert says not in str(told.value)
    else:
        assert declared.where(lambda reference: says) == comes
