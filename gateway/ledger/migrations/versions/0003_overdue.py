"""When an acknowledgment was overdue was told, and a sending is found by the name of its file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENT = sa.String(27).with_variant(sa.TIMESTAMP(timezone=True), "postgresql")
AWAITED = sa.text("expects_until IS NOT NULL AND overdue_at IS NULL")


ADDED = {"outbox": ("overdue_at",)}
"""The columns that tables have from here on."""


def upgrade() -> None:
    _added()
    op.create_index("ix_outbox_name_channel", "outbox", ["name", "channel"])
    op.create_index(
        "ix_outbox_expects_until",
        "outbox",
        ["expects_until"],
        sqlite_where=AWAITED,
        postgresql_where=AWAITED,
    )


def _added() -> None:
    op.add_column("outbox", sa.Column("overdue_at", MOMENT, nullable=True))


def downgrade() -> None:
    op.drop_index("ix_outbox_expects_until", "outbox")
    op.drop_index("ix_outbox_name_channel", "outbox")
    op.drop_column("outbox", "overdue_at")
