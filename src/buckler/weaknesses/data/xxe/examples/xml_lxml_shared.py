"""One parser for the whole file."""

from lxml import etree

parser = etree.XMLParser(remove_blank_text=True)
LOOKUP = etree.ElementNamespaceClassLookup()
parser.set_element_class_lookup(LOOKUP)


def read(text):
    return etree.fromstring(text, parser)
