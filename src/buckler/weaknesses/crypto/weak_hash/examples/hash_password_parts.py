import hashlib


def stored(password):
    digest = hashlib.md5()
    for part in password.split():
        digest.update(part.encode())
    return digest.hexdigest()
