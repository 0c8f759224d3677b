import hmac

API_TOKEN = "q8ZrT2mVx0bL5nWc7Yd1"


def sign(body):
    return hmac.new(API_TOKEN.encode(), body.encode(), "sha256").hexdigest()
