import ast
import os
import tarfile

import requests
import yaml


def collected(paths):
    for path in paths:
        with open(path) as file:
            yield yaml.load(file.read(), Loader=yaml.UnsafeLoader)  # flaw: settings


def collected_safely(paths):
    for path in paths:
        with open(path) as file:
            yield yaml.load(file.read(), Loader=yaml.SafeLoader)  # safe: settings


def unpacked(folder):
    with tarfile.open(os.path.join(folder, "packages.tar")) as tar:
        tar.extractall(os.path.join(folder, "out"), filter="fully_trusted")  # flaw: packages


def unpacked_safely(folder):
    with tarfile.open(os.path.join(folder, "packages.tar")) as tar:
        tar.extractall(os.path.join(folder, "out"), filter="data")  # safe: packages


def reckoned(text):
    if not text.startswith("="):
        raise ValueError(text)
    return eval(text[1:])  # flaw: formula


def reckoned_safely(text):
    if not text.startswith("="):
        raise ValueError(text)
    return ast.literal_eval(text[1:])  # safe: formula


class Pool:
    """
    >>> Pool(2, plan="2 * n")
    """

    def __init__(self, n=1, plan="all"):
        self.n = n
        self.plan = plan

    def run(self):
        if self.n == 1:
            return 1
        return eval(self.plan, {"n": self.n})  # flaw: formula


async def released(name, connection):
    await connection.execute("RELEASE SAVEPOINT " + name)  # flaw: savepoint


async def released_safely(name, connection):
    await connection.execute("DELETE FROM savepoint WHERE name = $1", name)  # safe: savepoint


def handed_in(file, server):
    if not file.endswith(".json"):
        raise ValueError(file)
    with open(file) as data:
        return requests.post(server.address(), data=data, verify=False)  # flaw: report


def handed_in_safely(file, server):
    if not file.endswith(".json"):
        raise ValueError(file)
    with open(file) as data:
        return requests.post(server.address(), data=data, verify=True)  # safe: report
