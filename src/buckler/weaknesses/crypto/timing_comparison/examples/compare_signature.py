import hashlib
import hmac

KEY = b"made at start"


def genuine(body, signature):
    expected = hmac.new(KEY, body.encode(), hashlib.sha256).hexdigest()
    return expected == signature
