from hashlib import sha256
from hmac import new


class Webhook:
    def __init__(self, secret="one"):
        self.secret = secret

    def check(self, body, given):
        return new(self.secret.encode(), body.encode(), sha256).digest() == given.encode()
