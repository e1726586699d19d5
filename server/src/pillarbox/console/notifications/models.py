"""Nothing yet: pages that show messages will read them through unmanaged models."""
