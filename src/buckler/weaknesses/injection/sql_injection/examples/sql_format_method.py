"""A statement filled in with `format`."""

import sqlite3


def remove(name):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE person (name TEXT)")
    return connection.execute("DELETE FROM person WHERE name = '{}'".format(name)).rowcount
