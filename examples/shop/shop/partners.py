"""Other people's servers."""

import requests

PRICES = "https://prices.example.com/v1/products/"


def fetch_preview(url):
    # Flaw: the visitor chooses which server of ours, or of our cloud's, we talk to.
    return requests.get(url, timeout=5).text


def fetch_prices(product):
    # Safe: the server is fixed and the product must be a number.
    return requests.get(f"{PRICES}{int(product)}", timeout=5).json()
