"""Buckler's own programs inside the sandbox: one package with a name of its own, so that a project's modules keep theirs."""
