from random import choices, randint


class Accounts:
    def new_password(self):
        password = "".join(choices("abcdefgh", k=10))
        return password + str(randint(10, 99))
