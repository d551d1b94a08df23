"""Settings, read from the environment and from the data folder. Importing this creates no file.

`cleanclaim init` writes the data folder: the database, `secret.key` (sessions and signatures) and
`sealing-keys.json` (encryption of patient data). `docs/operating/settings.md` lists every variable.
"""

from __future__ import annotations

import os
import secrets
from importlib.util import find_spec
from pathlib import Path

from cleanclaim_server.config.database import DATABASE_URL_VARIABLE, postgres_settings, sqlite_settings
from cleanclaim_server.config.logs import LOGGING as LOGGING

SOURCE_ROOT = Path(__file__).resolve().parents[1]


def flag(name: str, default: bool = False) -> bool:
    """Read a yes/no variable: 1, true, yes and on mean yes."""
    return os.environ.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str) -> list[str]:
    """Read a comma-separated variable."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


# --- where things are -------------------------------------------------------------------------------

DATA_DIR = Path(os.environ.get("CLEANCLAIM_DATA_DIR", "var")).resolve()
CLEANCLAIM_KEYS_FILE = Path(os.environ.get("CLEANCLAIM_KEYS_FILE", DATA_DIR / "sealing-keys.json"))
CLEANCLAIM_CHECKPOINT_FILE = Path(
    os.environ.get("CLEANCLAIM_CHECKPOINT_FILE", DATA_DIR / "audit-checkpoints.jsonl")
)
SECRET_KEY_FILE = DATA_DIR / "secret.key"
# Without `cleanclaim init` there is no key file: sessions then end with the process, and `serve` refuses.
SECRET_KEY = SECRET_KEY_FILE.read_text().strip() if SECRET_KEY_FILE.is_file() else secrets.token_urlsafe(64)

# --- who may reach us -------------------------------------------------------------------------------

LOOPBACK_HOSTS = {"127.0.0.1", "localhost", "[::1]"}
ALLOWED_HOSTS = words("CLEANCLAIM_HOSTS", "127.0.0.1,localhost,[::1]")
HTTPS = flag("CLEANCLAIM_HTTPS")
DEBUG = flag("CLEANCLAIM_DEBUG") and set(ALLOWED_HOSTS) <= LOOPBACK_HOSTS  # never with a real host

CSRF_TRUSTED_ORIGINS = [
    f"https://{host}" for host in ALLOWED_HOSTS if HTTPS and not host.startswith((".", "*"))
]
SESSION_COOKIE_NAME = "__Host-cleanclaim" if HTTPS else "cleanclaim"
CSRF_COOKIE_NAME = "__Host-cleanclaim-csrf" if HTTPS else "cleanclaim-csrf"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60  # the absolute limit; identity/sessions.py enforces it on the server
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000  # bulk actions tick many rows

# --- apps -------------------------------------------------------------------------------------------

STAGE_APPS = [
    "tenancy", "practice", "identity", "audit", "work", "clearinghouse", "rulebook", "ledger", "patients",
    "coverage", "authorizations", "encounters", "programmes", "charges", "claims", "remittances",
    "bank", "postingrules", "contracts", "underpayments",
    "claimrules", "denials", "statements", "credits", "reporting", "cycle",
    "web",
]  # fmt: skip
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    # An app is there when its package is: an installation may be cut down to what it needs.
    *(f"cleanclaim_server.{app}" for app in STAGE_APPS if find_spec(f"cleanclaim_server.{app}")),
]
MIDDLEWARE = [
    "cleanclaim_server.config.middleware.BrowserWalls",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "cleanclaim_server.audit.middleware.RequestIdentity",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "cleanclaim_server.identity.middleware.SessionLimits",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "cleanclaim_server.config.middleware.NoNulls",
    "cleanclaim_server.config.middleware.LoadedTables",
    "cleanclaim_server.web.separate_notes.SeparateNotesGate",
]
ROOT_URLCONF = "cleanclaim_server.config.urls"
WSGI_APPLICATION = "cleanclaim_server.config.wsgi.application"
CONTEXT_PROCESSORS = [
    "django.template.context_processors.request",
    "django.contrib.auth.context_processors.auth",
    "django.contrib.messages.context_processors.messages",
]
if find_spec("cleanclaim_server.web") and find_spec("cleanclaim_server.web.context"):
    CONTEXT_PROCESSORS.append("cleanclaim_server.web.context.shell")
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SOURCE_ROOT / "web" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": CONTEXT_PROCESSORS,
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
        },
    }
]

# --- database ---------------------------------------------------------------------------------------

DATABASES = {
    "default": postgres_settings(os.environ[DATABASE_URL_VARIABLE])
    if os.environ.get(DATABASE_URL_VARIABLE)
    else sqlite_settings(DATA_DIR / "cleanclaim.sqlite3")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- people -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
AUTHENTICATION_BACKENDS = ["cleanclaim_server.identity.backend.SessionBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "display_name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "identity:sign_in"
LOGIN_REDIRECT_URL = "/"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- words, time, files -----------------------------------------------------------------------------

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"  # instants are UTC; pages convert to the agency's zone
STATIC_URL = "/static/"
# Served from the package by finders; a folder is needed only where another server serves the files.
STATIC_ROOT = os.environ.get("CLEANCLAIM_STATIC_DIR") or None
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
SILENCED_SYSTEM_CHECKS: list[str] = []
