"""A value in a search filter."""

import ldap3


def directory():
    server = ldap3.Server("test")
    connection = ldap3.Connection(server, client_strategy=ldap3.MOCK_SYNC)
    connection.strategy.add_entry("cn=anna,o=test", {"cn": "anna", "objectClass": "person"})
    connection.bind()
    return connection


def lookup(name):
    connection = directory()
    connection.search("o=test", f"(&(objectClass=person)(cn={name}))")
    return len(connection.entries)
