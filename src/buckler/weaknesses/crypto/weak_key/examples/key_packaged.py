from Crypto.PublicKey import RSA


class Signer:
    def renew(self, bits=1024):
        self.key = RSA.generate(1024)
        return self.key.size_in_bits() > bits - 1
