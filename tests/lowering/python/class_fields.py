class A:
    limit = 10
    name: str

    def __init__(self, name):
        self.name = name
