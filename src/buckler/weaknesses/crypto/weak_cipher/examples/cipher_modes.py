from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes


def seal(text, key=b"0123456789abcdef"):
    encryptor = Cipher(algorithms.AES(key), modes.ECB()).encryptor()
    return encryptor.update(text.encode().ljust(48)[:48]) + encryptor.finalize()
