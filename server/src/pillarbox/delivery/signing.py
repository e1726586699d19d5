"""Headers by which a service knows that a callback is ours, word for word, and not an old one (Standard Webhooks, v1).

The key is the bearer token that the service has set with the callback's URL, so that there is nothing else to keep: as
Standard Webhooks writes secrets, it is `whsec_` and the token in base64.
"""

import hmac
from base64 import b64encode


def signed_headers(token: str, webhook_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """Return bearer, id, time and signature of one attempt.

    Args:
        token: the bearer token.
        webhook_id: the same at each attempt of one callback; without a full stop.
        timestamp: when the attempt is made, in seconds since the epoch.
        body: what is posted.
    """
    signature = hmac.digest(token.encode(), f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    return {
        "Authorization": f"Bearer {token}",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{b64encode(signature).decode()}",
    }
