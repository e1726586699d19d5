"""What comes back of emails: bounces and reports of delivery, received, kept, read."""
