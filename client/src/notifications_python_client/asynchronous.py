"""The client for asyncio (extra `async`)."""
