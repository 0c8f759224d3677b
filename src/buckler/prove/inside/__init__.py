"""Buckler's own programs inside the sandbox, in a package with a name of its own: those of a project stay theirs."""
