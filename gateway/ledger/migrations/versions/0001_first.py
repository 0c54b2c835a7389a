"""The first schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ID = sa.String(16)
DIGEST = sa.String(64)
WORD = sa.String(32)
MOMENT = sa.String(27).with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
FACTS = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

APPEND_ONLY = {
    "sqlite": (
        """CREATE TRIGGER event_is_not_changed BEFORE UPDATE ON event
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
        """CREATE TRIGGER event_is_not_removed BEFORE DELETE ON event
        BEGIN SELECT RAISE(ABORT, 'events are append-only'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'events are append-only'; END $$""",
        """CREATE TRIGGER event_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event
        FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()""",
    ),
}


def upgrade() -> None:
    for create in (
        _blob,
        _control_number,
        _delivery_attempt,
        _event,
        _seen_key,
        _snapshot,
        _arrival,
        _outbox,
        _interchange,
        _document,
    ):
        create()
    for statement in APPEND_ONLY[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("the first schema has nothing before it")


def _blob() -> None:
    op.create_table(
        "blob",
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name="pk_blob"),
    )


def _control_number() -> None:
    op.create_table(
        "control_number",
        sa.Column("own", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("usage", WORD, nullable=False),
        sa.Column("level", WORD, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("own", "partner", "usage", "level", name="pk_control_number"),
    )


def _delivery_attempt() -> None:
    op.create_table(
        "delivery_attempt",
        sa.Column("id", ID, nullable=False),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=False),
        sa.Column("outcome", WORD, nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_delivery_attempt"),
    )
    op.create_index("ix_delivery_attempt_document_id", "delivery_attempt", ["document_id"])
    op.create_index("ix_delivery_attempt_outbox_id", "delivery_attempt", ["outbox_id"])


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("arrival_id", ID, nullable=True),
        sa.Column("document_id", ID, nullable=True),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("detail", FACTS, nullable=False),
        sa.Column("correlation", ID, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
    )
    op.create_index("ix_event_arrival_id_document_id", "event", ["arrival_id", "document_id"])
    op.create_index("ix_event_correlation_document_id", "event", ["correlation", "document_id"])
    op.create_index("ix_event_document_id", "event", ["document_id"])


def _seen_key() -> None:
    op.create_table(
        "seen_key",
        sa.Column("level", WORD, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("ref", ID, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("level", "scope", "key", name="pk_seen_key"),
    )


def _snapshot() -> None:
    op.create_table(
        "snapshot",
        sa.Column("digest", DIGEST, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("adopted_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_snapshot"),
    )


def _arrival() -> None:
    op.create_table(
        "arrival",
        sa.Column("id", ID, nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("protocol", WORD, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("transport_key", sa.Text(), nullable=False),
        sa.Column("digest", DIGEST, sa.ForeignKey("blob.digest", name="fk_arrival_digest"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", MOMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("duplicate_of", ID, nullable=True),
        sa.Column("correlation", ID, nullable=False),
        sa.Column("snapshot", DIGEST, nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("faults", FACTS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_arrival"),
    )
    op.create_index(
        "ix_arrival_channel_transport_key_digest", "arrival", ["channel", "transport_key", "digest"]
    )
    op.create_index("ix_arrival_correlation", "arrival", ["correlation"])
    op.create_index("ix_arrival_state_due_at", "arrival", ["state", "due_at"])


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", ID, nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("digest", DIGEST, sa.ForeignKey("blob.digest", name="fk_outbox_digest"), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("rendered_at", MOMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("correlation", ID, nullable=False),
        sa.Column("arrival_id", ID, nullable=True),
        sa.Column("own", sa.Text(), nullable=True),
        sa.Column("other", sa.Text(), nullable=True),
        sa.Column("usage", WORD, nullable=True),
        sa.Column("control", sa.Text(), nullable=True),
        sa.Column("group_control", sa.Text(), nullable=True),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("expects_until", MOMENT, nullable=True),
        sa.Column("snapshot", DIGEST, nullable=True),
        sa.Column("detail", FACTS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index("ix_outbox_arrival_id", "outbox", ["arrival_id"])
    op.create_index("ix_outbox_control_partner", "outbox", ["control", "partner"])
    op.create_index("ix_outbox_correlation", "outbox", ["correlation"])
    op.create_index("ix_outbox_state_due_at", "outbox", ["state", "due_at"])


def _interchange() -> None:
    op.create_table(
        "interchange",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "arrival_id", ID, sa.ForeignKey("arrival.id", name="fk_interchange_arrival_id"), nullable=False
        ),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("format", WORD, nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("usage", WORD, nullable=False),
        sa.Column("control", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("digest", DIGEST, nullable=True),
        sa.Column("faults", FACTS, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_interchange"),
        sa.UniqueConstraint("arrival_id", "offset", name="uq_interchange_arrival_id_offset"),
    )
    op.create_index("ix_interchange_control", "interchange", ["control"])


def _document() -> None:
    op.create_table(
        "document",
        sa.Column("id", ID, nullable=False),
        sa.Column(
            "arrival_id", ID, sa.ForeignKey("arrival.id", name="fk_document_arrival_id"), nullable=True
        ),
        sa.Column(
            "interchange_id",
            ID,
            sa.ForeignKey("interchange.id", name="fk_document_interchange_id"),
            nullable=True,
        ),
        sa.Column("outbox_id", ID, sa.ForeignKey("outbox.id", name="fk_document_outbox_id"), nullable=True),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("partner", sa.Text(), nullable=True),
        sa.Column("type", WORD, nullable=False),
        sa.Column("kind", WORD, nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("release", sa.Text(), nullable=True),
        sa.Column("group_code", WORD, nullable=True),
        sa.Column("group_control", sa.Text(), nullable=True),
        sa.Column("set_control", sa.Text(), nullable=True),
        sa.Column("version", sa.Text(), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("lease", sa.Text(), nullable=True),
        sa.Column("lease_until", MOMENT, nullable=True),
        sa.Column("correlation", ID, nullable=False),
        sa.Column("map", sa.Text(), nullable=True),
        sa.Column("snapshot", DIGEST, nullable=True),
        sa.Column("canonical", DIGEST, nullable=True),
        sa.Column("faults", FACTS, nullable=False),
        sa.Column("acknowledged", FACTS, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_document"),
        sa.UniqueConstraint("arrival_id", "ordinal", name="uq_document_arrival_id_ordinal"),
    )
    op.create_index("ix_document_correlation", "document", ["correlation"])
    op.create_index(
        "ix_document_group_control_partner_set_control",
        "document",
        ["group_control", "partner", "set_control"],
    )
    op.create_index("ix_document_number", "document", ["number"])
    op.create_index("ix_document_outbox_id", "document", ["outbox_id"])
    op.create_index("ix_document_state_due_at", "document", ["state", "due_at"])
