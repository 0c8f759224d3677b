from requests import Session


class Bank:
    def balance(self, account):
        session = Session()
        session.verify = False
        return session.get("https://bank.example.org/" + account, timeout=5).json()
