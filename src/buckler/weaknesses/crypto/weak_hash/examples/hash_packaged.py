from Crypto.Hash import MD5


def signature(text):
    return MD5.new(text.encode()).hexdigest()
