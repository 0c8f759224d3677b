import tarfile


def names(stream, folder="."):
    """Unpack each member that is wanted."""
    out = []
    archive = tarfile.open(fileobj=stream)
    for member in archive.getmembers():
        archive.extract(member, folder)
        out.append(member.name)
    return out
