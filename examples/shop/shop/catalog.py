"""What is for sale."""

import yaml

from shop.database import query


def find_items(text):
    # Flaw: the text becomes part of the statement, two modules away from where it came in.
    return query("SELECT name, price FROM item WHERE name LIKE '%" + text + "%'")


def item(number):
    # Safe: a bound parameter.
    rows = query("SELECT name, price FROM item WHERE number = ?", (number,))
    return rows[0] if rows else None


def load_items(document):
    # Flaw: this loader builds any Python object the document names.
    return yaml.load(document, Loader=yaml.UnsafeLoader)


def load_settings(document):
    # Safe: plain data only.
    return yaml.safe_load(document)
