"""A parser told to follow entities."""

from lxml import etree


def title(document):
    parser = etree.XMLParser(resolve_entities=True, no_network=False)
    return etree.fromstring(document, parser).text
