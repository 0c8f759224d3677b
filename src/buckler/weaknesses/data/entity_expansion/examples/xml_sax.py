"""External entities switched on."""

import xml.dom.minidom
import xml.sax
import xml.sax.handler


def title(document):
    parser = xml.sax.make_parser()
    parser.setFeature(xml.sax.handler.feature_external_ges, True)
    root = xml.dom.minidom.parseString(document, parser).documentElement
    return "".join(node.data for node in root.childNodes if node.nodeType == node.TEXT_NODE)
