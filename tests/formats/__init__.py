"""The syntax rooms' tests; case tables are shared by readers and writers."""
