"""Services and what belongs to them: keys, senders, reply-to addresses, guest lists, callbacks."""
