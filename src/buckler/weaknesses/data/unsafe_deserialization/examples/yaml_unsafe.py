"""YAML, and it says so."""

import yaml


def settings(document):
    return yaml.unsafe_load(document) or {}
