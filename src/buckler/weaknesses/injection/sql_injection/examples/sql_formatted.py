"""A statement as a formatted text, kept in a variable first."""

import sqlite3


def rename(old, new):
    connection = sqlite3.connect(":memory:")
    cursor = connection.cursor()
    cursor.execute("CREATE TABLE person (name TEXT)")
    statement = f"UPDATE person SET name = '{new}' WHERE name = '{old}'"
    cursor.execute(statement)
    return cursor.rowcount
