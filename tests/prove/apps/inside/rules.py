import sys


class Rule:
    def __init__(self, kind):
        self.kind = kind
        self.text = ""

    def holds(self, entries):
        for entry in entries:
            if eval(self.text):  # flaw: rule
                entry.shown = True
        return entries


class CheckedRule:
    def __init__(self, kind):
        self.kind = kind
        self._text = "0"

    @property
    def text(self):
        return self._text

    @text.setter
    def text(self, value):
        if not value.isalnum():
            raise ValueError(value)
        self._text = value

    def holds(self, entries):
        for entry in entries:
            if eval(self.text):  # looked at: rule
                entry.shown = True
        return entries


def read(kind):
    rule = Rule(kind)
    rule.text = sys.stdin.read()
    return rule
