"""A statement filled in with `%`."""

import sqlite3


def count(city):
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE person (city TEXT)")
        rows = connection.execute("SELECT count(*) FROM person WHERE city = '%s'" % city)
        return rows.fetchone()[0]
