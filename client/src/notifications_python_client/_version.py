"""The version of the distribution, which requests carry in their User-agent.

It goes on where the published client is, so that pins on recent releases of that one are met (see README.md).
"""

__version__ = "13.1.0"
