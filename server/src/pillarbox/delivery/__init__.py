"""The worker: claims what is due, hands it to providers, records what they said."""
