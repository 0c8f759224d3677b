SECRET_KEY = "3f9a1c7be24d4f0c8c1e5d6b"
ROOT_URLCONF = "notes.urls"
INSTALLED_APPS = ["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "notes"]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
DATABASES = {
    "default": {"ENGINE": "django.db.backends.postgresql", "NAME": "notes", "HOST": "database.example"},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
