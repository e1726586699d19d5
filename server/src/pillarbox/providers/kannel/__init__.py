"""Texts through Kannel, an open gateway that speaks to SMSCs, modems and other gateways."""
