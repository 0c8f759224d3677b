import random


def make_key(seed):
    random.seed(seed)
    key = random.getrandbits(128)
    return key
