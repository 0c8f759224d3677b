import hashlib


def stored(password, salt):
    return hashlib.sha1((salt + password).encode()).hexdigest()


def verify(password, salt, digest):
    return stored(password, salt) == digest
