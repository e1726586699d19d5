"""For tests of programs that send: an inbox to look into, a server to start, a fake that needs none."""
