"""Gateways that are spoken to over HTTP, each described in YAML: no code is needed for another one."""
