"""Services, templates, keys and the rest from a file: `pillarbox provision FILE`."""
