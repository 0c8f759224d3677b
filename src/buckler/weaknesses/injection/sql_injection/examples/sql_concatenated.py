"""A statement put together with `+`."""

import sqlite3


def find(name):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE person (name TEXT, age INTEGER)")
    return connection.execute("SELECT age FROM person WHERE name = '" + name + "'").fetchall()
