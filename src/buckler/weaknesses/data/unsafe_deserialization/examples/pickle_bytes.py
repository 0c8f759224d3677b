"""A pickle from outside."""

import pickle


def restore(data):
    return pickle.loads(data)
