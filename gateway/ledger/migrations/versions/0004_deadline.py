"""What must come or go until when has a table of its own; what sendings waited for moves there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID, WORD = sa.String(16), sa.String(32)
MOMENT = sa.String(27).with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
TO_TELL = sa.text("due_at IS NOT NULL")
AWAITED = sa.text("expects_until IS NOT NULL AND overdue_at IS NULL")

ADDED: dict[str, tuple[str, ...]] = {}
DROPPED = {"outbox": ("expects_until", "overdue_at")}
"""The columns that tables have no more from here on; what 0003 added is among them."""

MOVE = """
    INSERT INTO deadline (after, awaited, number, release, direction, partner, type, outbox_id, correlation,
                          until, due_at, overdue_at)
    SELECT id, '997', '', '', 'in', partner, type, id, correlation,
           expects_until, CASE WHEN overdue_at IS NULL THEN expects_until END, overdue_at
    FROM outbox WHERE expects_until IS NOT NULL AND state = 'sent'
"""
BACK = """
    UPDATE outbox SET
        expects_until = (SELECT until FROM deadline WHERE after = outbox.id AND number = ''),
        overdue_at = (SELECT overdue_at FROM deadline WHERE after = outbox.id AND number = '')
    WHERE id IN (SELECT after FROM deadline WHERE number = '')
"""


def upgrade() -> None:
    _deadline()
    op.execute(MOVE)
    op.drop_index("ix_outbox_expects_until", "outbox")
    for column in DROPPED["outbox"]:
        op.drop_column("outbox", column)


def downgrade() -> None:
    for column in DROPPED["outbox"]:
        op.add_column("outbox", sa.Column(column, MOMENT, nullable=True))
    op.execute(BACK)
    op.create_index(
        "ix_outbox_expects_until",
        "outbox",
        ["expects_until"],
        sqlite_where=AWAITED,
        postgresql_where=AWAITED,
    )
    op.drop_table("deadline")


def _deadline() -> None:
    op.create_table(
        "deadline",
        sa.Column("after", ID, nullable=False),
        sa.Column("awaited", WORD, nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("direction", sa.String(3), nullable=False),
        sa.Column("partner", sa.Text(), nullable=False),
        sa.Column("type", WORD, nullable=False),
        sa.Column("outbox_id", ID, nullable=True),
        sa.Column("correlation", ID, nullable=False),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT, nullable=True),
        sa.Column("overdue_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("after", "awaited", "number", "release", name=op.f("pk_deadline")),
    )
    op.create_index(op.f("ix_deadline_outbox_id"), "deadline", ["outbox_id"])
    op.create_index(op.f("ix_deadline_partner_awaited_number"), "deadline", ["partner", "awaited", "number"])
    op.create_index(
        op.f("ix_deadline_due_at"), "deadline", ["due_at"], sqlite_where=TO_TELL, postgresql_where=TO_TELL
    )
