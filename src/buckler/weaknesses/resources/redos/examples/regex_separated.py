import re

NAME = re.compile(r"^(\w+\s?)*$")


class Person:
    def valid(self, name):
        return NAME.match(name) is not None
