"""Ways out: a folder for each, behind one interface."""
