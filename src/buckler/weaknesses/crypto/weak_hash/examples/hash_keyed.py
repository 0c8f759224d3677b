import hashlib
import hmac


def sign(body, key=b"not so secret"):
    return hmac.new(key, body.encode(), hashlib.md5).digest()
