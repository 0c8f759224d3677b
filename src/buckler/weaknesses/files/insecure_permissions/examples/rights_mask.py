from os import setsid, umask


def daemonise():
    umask(0)
    try:
        setsid()
    except PermissionError:
        return "leader"
    return "done"
