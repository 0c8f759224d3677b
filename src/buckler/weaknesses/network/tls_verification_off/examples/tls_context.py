import ssl
import urllib.parse
import urllib.request


def fetch(name):
    context = ssl._create_unverified_context()
    address = f"https://bank.example.org/{urllib.parse.quote(name)}"
    return urllib.request.urlopen(address, context=context, timeout=5).read()
