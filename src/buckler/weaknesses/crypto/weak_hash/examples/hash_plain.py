import hashlib


def signature(document):
    return hashlib.md5(document.encode()).hexdigest()
