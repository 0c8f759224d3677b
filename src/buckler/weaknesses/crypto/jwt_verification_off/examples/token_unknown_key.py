import jwt


def subject(token):
    return jwt.decode(token, options={"verify_signature": False}).get("sub")
