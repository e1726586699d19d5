"""What goes into a message: placeholders, texts, emails, letters. Pure: no clock, SQL, sockets or settings."""
