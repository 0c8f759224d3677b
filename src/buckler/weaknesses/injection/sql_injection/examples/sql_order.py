"""The name of a column, which no placeholder can hold."""

import sqlite3


def listed(order):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE person (name TEXT, age INTEGER)")
    return connection.execute(f"SELECT name FROM person ORDER BY {order}").fetchall()
