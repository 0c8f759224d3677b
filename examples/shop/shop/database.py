"""One connection, and one helper everybody uses."""

import sqlite3


def connect():
    connection = sqlite3.connect("shop.sqlite")
    connection.row_factory = sqlite3.Row
    return connection


def query(statement, parameters=()):
    with connect() as connection:
        return [dict(row) for row in connection.execute(statement, parameters)]
