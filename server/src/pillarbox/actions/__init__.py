"""The data plane's verbs: accept a message, record an attempt. The caller owns the transaction."""
