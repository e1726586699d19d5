"""People: who may sign in, and to whom a service in trial mode may send."""
