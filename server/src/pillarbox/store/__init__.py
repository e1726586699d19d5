"""The data plane's only SQL: pool, snapshots, notifications, outbox."""
