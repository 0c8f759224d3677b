class A(Base, metaclass=Meta):
    def load(self, key):
        return super().load(key)

    @staticmethod
    def make():
        return A()
