"""Statuses and the moves between them, costs, limits, dates and retry times. Pure."""
