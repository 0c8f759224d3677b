"""A value in a path expression."""

from lxml import etree

PEOPLE = etree.fromstring("<people><person name='anna'>1</person><person name='bert'>2</person></people>")


def number_of(name):
    found = PEOPLE.xpath("//person[@name='" + name + "']")
    return [node.text for node in found]
