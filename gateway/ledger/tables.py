"""The schema: every table of the ledger, in types that SQLite and PostgreSQL both have.

A row class of each module has exactly its table's columns, in order (`tests/ledger/test_tables.py`). The tables
here and what the migrations make are compared by a test, too.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Insert,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.types import TIMESTAMP, TypeDecorator, TypeEngine
from sqlalchemy.types import Text as AnyText

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}


NO_CHARACTER = re.compile("[\x00\ud800-\udfff]")
"""What no database takes: NUL, and the surrogates that stand for bytes which were no characters."""


def storable(text: str, slash: str) -> str:
    """The text with that spelled out behind a backslash, as one is written there."""
    if text.isascii() and "\x00" not in text:
        return text
    return NO_CHARACTER.sub(lambda found: f"{slash}u{ord(found[0]):04x}", text)


class Text(TypeDecorator[str]):
    """Text that may have come over the wire: what no database takes is spelled out.

    The same text is the same again, so that what is asked for is found.
    """

    impl = AnyText
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value if value is None else storable(value, "\\")


class Moment(TypeDecorator[datetime]):
    """A moment in UTC: TIMESTAMPTZ where there is one, else ISO text of fixed width, which sorts as time."""

    impl = String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "postgresql":
            return dialect.type_descriptor(TIMESTAMP(timezone=True))
        return dialect.type_descriptor(String(27))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        if value.tzinfo is None:
            raise ValueError("a moment in the ledger needs its zone; use datetime.now(UTC)")
        utc = value if value.tzinfo is UTC else value.astimezone(UTC)
        return f"{utc.isoformat(timespec='microseconds')[:26]}Z"

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return datetime.fromisoformat(value) if isinstance(value, str) else value


Facts = JSON(none_as_null=True).with_variant(postgresql.JSONB(none_as_null=True), "postgresql")
Id = String(16)
Digest = String(64)
Word = String(32)

TO_TELL = text("due_at IS NOT NULL")
"""Only deadlines of which there still is something to tell stand in this index."""

metadata = MetaData(naming_convention=NAMES)

blob = Table(
    "blob",
    metadata,
    Column("digest", Digest, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("data", LargeBinary),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("digest", Digest, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("adopted_at", Moment, nullable=False),
)

arrival = Table(
    "arrival",
    metadata,
    Column("id", Id, primary_key=True),
    Column("channel", Text, nullable=False),
    Column("partner", Text),
    Column("protocol", Word, nullable=False),
    Column("name", Text, nullable=False),
    Column("transport_key", Text, nullable=False),
    Column("digest", Digest, ForeignKey("blob.digest"), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("state", Word, nullable=False),
    Column("duplicate_of", Id),
    Column("correlation", Id, nullable=False, index=True),
    Column("snapshot", Digest),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Moment),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("faults", Facts, nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "channel", "transport_key", "digest"),
)

interchange = Table(
    "interchange",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arrival_id", Id, ForeignKey("arrival.id"), nullable=False),
    Column("direction", String(3), nullable=False),
    Column("partner", Text),
    Column("format", Word, nullable=False),
    Column("sender", Text, nullable=False),
    Column("receiver", Text, nullable=False),
    Column("usage", Word, nullable=False),
    Column("control", Text, nullable=False, index=True),
    Column("version", Text, nullable=False),
    Column("state", Word, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("digest", Digest),
    Column("faults", Facts, nullable=False),
    UniqueConstraint("arrival_id", "offset"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, unique=True),
    Column("partner", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Word, nullable=False),
    Column("digest", Digest, ForeignKey("blob.digest"), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("rendered_at", Moment, nullable=False),
    Column("state", Word, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Moment),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("correlation", Id, nullable=False, index=True),
    Column("arrival_id", Id, index=True),
    Column("own", Text),
    Column("other", Text),
    Column("usage", Word),
    Column("control", Text),
    Column("group_control", Text),
    Column("sent_at", Moment),
    Column("snapshot", Digest),
    Column("detail", Facts, nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "control", "partner"),
    Index(None, "name", "channel"),
)

document = Table(
    "document",
    metadata,
    Column("id", Id, primary_key=True),
    Column("arrival_id", Id, ForeignKey("arrival.id")),
    Column("interchange_id", Id, ForeignKey("interchange.id")),
    Column("outbox_id", Id, ForeignKey("outbox.id"), index=True),
    Column("direction", String(3), nullable=False),
    Column("partner", Text),
    Column("type", Word, nullable=False),
    Column("kind", Word),
    Column("number", Text, index=True),
    Column("purpose", Text),
    Column("release", Text),
    Column("group_code", Word),
    Column("group_control", Text),
    Column("set_control", Text),
    Column("version", Text),
    Column("ordinal", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("state", Word, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("due_at", Moment),
    Column("lease", Text),
    Column("lease_until", Moment),
    Column("correlation", Id, nullable=False, index=True),
    Column("map", Text),
    Column("snapshot", Digest),
    Column("canonical", Digest),
    Column("faults", Facts, nullable=False),
    Column("acknowledged", Facts),
    UniqueConstraint("arrival_id", "ordinal"),
    Index(None, "state", "due_at"),
    Index(None, "group_control", "partner", "set_control"),
)

answer = Table(
    "answer",
    metadata,
    Column("document_id", Id, ForeignKey("document.id"), primary_key=True),
    Column("number", Text, primary_key=True),
    Column("release", Text, primary_key=True),
    Index(None, "number"),
)

deadline = Table(
    "deadline",
    metadata,
    Column("after", Id, primary_key=True),
    Column("awaited", Word, primary_key=True),
    Column("number", Text, primary_key=True),
    Column("release", Text, primary_key=True),
    Column("direction", String(3), nullable=False),
    Column("partner", Text, nullable=False),
    Column("type", Word, nullable=False),
    Column("outbox_id", Id, index=True),
    Column("correlation", Id, nullable=False),
    Column("until", Moment, nullable=False),
    Column("due_at", Moment),
    Column("overdue_at", Moment),
    Index(None, "partner", "awaited", "number"),
    Index(None, "due_at", sqlite_where=TO_TELL, postgresql_where=TO_TELL),
)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Moment, nullable=False),
    Column("arrival_id", Id),
    Column("document_id", Id, index=True),
    Column("outbox_id", Id),
    Column("kind", Word, nullable=False),
    Column("detail", Facts, nullable=False),
    Column("correlation", Id),
    Index(None, "arrival_id", "document_id"),
    Index(None, "correlation", "document_id"),
)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("document_id", Id, index=True),
    Column("outbox_id", Id, index=True),
    Column("n", Integer, nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("ended_at", Moment, nullable=False),
    Column("outcome", Word, nullable=False),
    Column("detail", Text, nullable=False),
)

seen_key = Table(
    "seen_key",
    metadata,
    Column("level", Word, primary_key=True),
    Column("scope", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    Column("digest", Digest, nullable=False),
    Column("ref", Id, nullable=False),
    Column("at", Moment, nullable=False),
    Column("accepted", Boolean, nullable=False),
)

control_number = Table(
    "control_number",
    metadata,
    Column("own", Text, primary_key=True),
    Column("partner", Text, primary_key=True),
    Column("usage", Word, primary_key=True),
    Column("level", Word, primary_key=True),
    Column("value", BigInteger, nullable=False),
)


@cache
def insert_once(table: Table, dialect: str) -> Insert:
    """An INSERT that does nothing where the row is there; the two dialects spell it through different classes."""
    if dialect == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()
