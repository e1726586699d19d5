"""PostgreSQL from a wheel, started and stopped by us."""
