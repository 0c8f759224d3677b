import requests


def balance(account):
    return requests.get(f"https://bank.example.org/{account}", verify=False, timeout=5).text
