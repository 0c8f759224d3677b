"""Code that is meant to be run; no change makes it harmless."""


def run_plugin(source):
    space = {}
    exec(source, space)
    return sorted(space)
