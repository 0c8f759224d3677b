import yaml
from lxml import etree


def titles(path):
    parser = etree.XMLParser(resolve_entities=True, load_dtd=True)
    return etree.parse(path, parser).getroot()  # flaw: entity


def names(path):
    parser = etree.XMLParser(resolve_entities=False)
    return etree.parse(path, parser).getroot()  # safe: entity


def settings(path):
    with open(path) as file:
        return yaml.load(file, Loader=yaml.UnsafeLoader)  # flaw: document


def wishes(path):
    with open(path) as file:
        return yaml.load(file, Loader=yaml.SafeLoader)  # safe: document


class Table:
    def __init__(self, source, *columns):
        self.source = source
        self.row, self.cell = columns

    def __iter__(self):
        tree = etree.parse(self.source, etree.XMLParser(resolve_entities=True))  # flaw: table
        yield from (found.findtext(self.cell) for found in tree.iter(self.row))


def table(source, *columns):
    return Table(source, *columns)
