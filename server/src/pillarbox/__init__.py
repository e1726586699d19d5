"""Pillarbox: an open GOV.UK Notify that anyone can run."""

__version__ = "0.1.0"
