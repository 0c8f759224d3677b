"""The statement is built in one function and run in another."""

import sqlite3


def run(statement, parameters=()):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE note (owner TEXT, body TEXT)")
    return connection.execute(statement, parameters).fetchall()


def notes_of(owner):
    return run("SELECT body FROM note WHERE owner = '" + owner + "'")
