"""Checking and typesetting letters as PDFs."""
