"""A pickle in base64."""

import base64
import pickle


def restore(text):
    return pickle.loads(base64.b64decode(text))
