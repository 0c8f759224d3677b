from hashlib import sha1


class Store:
    def __init__(self, name="store"):
        self.name = name
        self.kept = {}

    def token(self, text):
        digest = sha1(text.encode("utf-8"))
        digest.update(self.name.encode())
        return digest.hexdigest()
