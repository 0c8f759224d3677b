import subprocess


def listed(address):
    return subprocess.run(["git", "ls-remote", address], capture_output=True)  # flaw: option


def listed_after_the_options(address):
    return subprocess.run(["git", "ls-remote", "--", address], capture_output=True)  # safe: option


def listed_as_a_value(address):
    return subprocess.run(["git", "ls-remote", "--sort", address], capture_output=True)  # safe: option

