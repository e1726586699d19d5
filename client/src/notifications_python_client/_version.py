"""The version of the distribution, which requests carry in their User-agent."""

__version__ = "0.1.0"
