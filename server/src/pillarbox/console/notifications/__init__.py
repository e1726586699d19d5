"""The data plane's tables: created here, written by pillarbox.store, only read by the console."""
