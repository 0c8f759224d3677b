import os

SECRET_KEY = os.urandom(16).hex()
ROOT_URLCONF = "pages.urls"
DEBUG = True  # flaw: debug-enabled
MIDDLEWARE = ["django.middleware.csrf.CsrfViewMiddleware"]
