from subprocess import call


def fetch(remote, branch="main"):
    """Bring a branch of a remote up to date."""
    return call(["git", "fetch", remote, branch])
