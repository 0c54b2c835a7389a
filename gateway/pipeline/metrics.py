"""What is counted and timed, by name and label, in one place."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()

ARRIVALS = Counter(
    "gateway_arrivals", "files and messages stored", ["channel", "duplicate"], registry=REGISTRY
)
DOCUMENTS = Counter(
    "gateway_documents", "documents that reached a state", ["partner", "type", "state"], registry=REGISTRY
)
SENT = Counter("gateway_sent", "outbox entries handed over", ["partner", "outcome"], registry=REGISTRY)
OVERDUE = Counter(
    "gateway_overdue",
    "what did not come, or go, in time after a document of the type, as expect: says",
    ["partner", "type", "awaited"],
    registry=REGISTRY,
)
DUE_SOON = Counter(
    "gateway_due_soon", "what had not at the time of warn:", ["partner", "type", "awaited"], registry=REGISTRY
)
CONTRADICTED = Counter(
    "gateway_contradicted",
    "rejections of what the partner had accepted before, or of what was not with it",
    ["partner", "type"],
    registry=REGISTRY,
)
UPLOADS_REFUSED = Counter(
    "gateway_sftp_uploads_refused",
    "uploads to our SFTP server that were not taken",
    ["channel", "reason"],
    registry=REGISTRY,
)
UPLOADS_UNFINISHED = Counter(
    "gateway_sftp_uploads_unfinished",
    "uploads to our SFTP server that were left under a name that is not the last one",
    ["channel"],
    registry=REGISTRY,
)
LOGINS_FAILED = Counter(
    "gateway_sftp_logins_failed",
    "logins to our SFTP server that failed, and connections turned away; without a channel where nobody has that name",
    ["channel", "reason"],
    registry=REGISTRY,
)
POLLS_FAILED = Counter(
    "gateway_polls_failed",
    "looks into a channel that failed, and failures to open it",
    ["partner", "channel"],
    registry=REGISTRY,
)
CHANNEL_FAILING = Gauge(
    "gateway_channel_failing",
    "1 while the last look into the channel, or what was last sent over it, failed; /health says since when, and why",
    ["partner", "channel"],
    registry=REGISTRY,
)
SECONDS = Histogram(
    "gateway_step_seconds",
    "time of one step of one document",
    ["step"],
    buckets=(0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30),
    registry=REGISTRY,
)
IN_HAND = Gauge("gateway_in_hand", "steps being worked on", registry=REGISTRY)
SETUP_FAULTS = Gauge("gateway_setup_faults", "faults in company, profiles and maps", registry=REGISTRY)
