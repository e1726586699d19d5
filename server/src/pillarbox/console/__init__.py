"""The control plane: Django models and migrations of all that services configure."""
