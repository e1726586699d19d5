"""To whom a message may go: phone numbers, email and postal addresses, spreadsheets of them. Pure."""
