import sqlite3


class Client:
    def __init__(self, user, password):
        self.user = user
        self.password = password


def connect(name):
    client = Client("app", password="t7Kq-92vXw!m")
    return sqlite3.connect(":memory:").execute("SELECT ?", (client.user + name,)).fetchall()
