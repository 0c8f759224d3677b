import os
import tempfile


def publish(text):
    handle, path = tempfile.mkstemp()
    os.write(handle, text.encode())
    os.close(handle)
    os.chmod(path, 0o777)
    return len(text)
