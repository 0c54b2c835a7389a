"""Which documents answer which orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _answer()


def downgrade() -> None:
    op.drop_table("answer")


def _answer() -> None:
    op.create_table(
        "answer",
        sa.Column("document_id", sa.String(16), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("release", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_answer_document_id")),
        sa.PrimaryKeyConstraint("document_id", "number", "release", name=op.f("pk_answer")),
    )
    op.create_index(op.f("ix_answer_number"), "answer", ["number"])
