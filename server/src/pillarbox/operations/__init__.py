"""What those who run an installation look at: figures for Prometheus, and whether a worker is well."""
