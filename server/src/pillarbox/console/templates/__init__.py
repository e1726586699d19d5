"""Templates and all their versions."""
