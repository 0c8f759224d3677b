import tarfile


def unpack(path, destination="."):
    """Unpack somebody's backup."""
    with tarfile.open(path) as archive:
        archive.extractall(destination)
