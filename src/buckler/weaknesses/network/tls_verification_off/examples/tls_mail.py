"""A mailbox whose host may be anybody."""

import imaplib


def send(host, user):
    """The name is one that the test has a function of its own for."""
    box = imaplib.IMAP4_SSL(host)
    box.login(user, "x")
    return box.list()
