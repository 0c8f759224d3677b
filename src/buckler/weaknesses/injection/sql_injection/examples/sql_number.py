"""A number without quotes."""

import sqlite3


def person(number):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE person (number INTEGER, name TEXT)")
    return connection.execute("SELECT name FROM person WHERE number = " + number).fetchone()
