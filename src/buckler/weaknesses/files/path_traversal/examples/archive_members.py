import os
import zipfile


def unpack(path, folder="plugins"):
    """Write the members of a ZIP file below `folder`."""
    os.makedirs(folder, exist_ok=True)
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = os.path.join(folder, member.filename)
            with open(target, "wb") as out:
                out.write(archive.read(member))
