import stat
from pathlib import Path


class Share:
    def __init__(self, path="."):
        self.path = Path(path)

    def open_to_all(self):
        self.path.chmod(stat.S_IRWXU | stat.S_IRGRP | stat.S_IXGRP | stat.S_IWOTH)
        return "shared"
