"""A value inside the pattern of LIKE."""

import sqlite3


def search(text):
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE note (body TEXT)")
    return connection.execute(f"SELECT body FROM note WHERE body LIKE '%{text}%'").fetchall()
