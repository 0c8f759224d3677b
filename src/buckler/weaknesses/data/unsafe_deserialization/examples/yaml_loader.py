"""YAML with a loader that builds anything."""

import yaml


def settings(document):
    return yaml.load(document, Loader=yaml.Loader)
