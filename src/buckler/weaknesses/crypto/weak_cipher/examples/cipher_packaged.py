from Crypto.Cipher import DES


def seal(text, key=b"01234567"):
    return DES.new(key, DES.MODE_CBC, iv=key).encrypt(text.encode().ljust(16)[:16])
