"""Tables of runs, their labels and events, and the request ids that started them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the first tables."""
    op.create_table(
        "runs",
        sa.Column("position", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("id", sa.String, nullable=False, unique=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("labels", sa.Text, nullable=False),
        sa.Column("spec", sa.Text, nullable=False),
        sa.Column("spec_digest", sa.String, nullable=False),
        sa.Column("reuse", sa.Boolean, nullable=False),
        sa.Column("request_id", sa.String, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("failure", sa.Text),
        sa.Column("progress", sa.Text),
        sa.Column("last_checkpoint", sa.String, nullable=False, server_default=""),
        sa.Column("head_seq", sa.Integer, nullable=False),
        sa.Column("journal_offset", sa.Integer, nullable=False, server_default="0"),
        sa.Column("journal_lseq", sa.Integer, nullable=False, server_default="0"),
        sa.Column("cancel_mode", sa.String),
        sa.Column("cancel_ms", sa.Integer),
        sa.Column("create_ms", sa.Integer, nullable=False),
        sa.Column("start_ms", sa.Integer),
        sa.Column("end_ms", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("runs_by_state", "runs", ["state", "position"])
    op.create_table(
        "run_labels",
        sa.Column("run_id", sa.String, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("value", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "key"),
    )
    op.create_index("run_labels_by_value", "run_labels", ["key", "value"])
    op.create_table(
        "events",
        sa.Column("run_id", sa.String, sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("time_ms", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("run_id", "seq"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        sa.Column("request_id", sa.String, primary_key=True),
        sa.Column("method", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("run_id", sa.String, nullable=False),
    )
    op.create_table(
        "deleted_runs",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("delete_ms", sa.Integer, nullable=False),
    )
