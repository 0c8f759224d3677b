import functools

from flask import abort, session

PEOPLE = {}


def may(user, what):
    return what in PEOPLE.get(user, ())


def members_only(view):
    @functools.wraps(view)
    def wrapper(*given, **named):
        if "user" not in session:
            abort(401)
        return view(*given, **named)

    return wrapper
