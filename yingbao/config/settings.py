"""Django's settings. Everything a site may change comes from the environment; see docs/operating.md."""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from yingbao.config.database import database_from_url
from yingbao.policy import use_packs
from yingbao.storage.secrets import read_channel_secrets, read_keys, read_secret

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("YINGBAO_HOME", Path.cwd() / "var")).resolve()

SECRET_KEY = read_secret("YINGBAO_SECRET_KEY", HOME)
YINGBAO_KEYS = read_keys(HOME)
YINGBAO_CHANNEL_SECRETS = read_channel_secrets(HOME)
YINGBAO_UPLOADS = HOME / "uploads"
YINGBAO_OUTPUT = HOME / "files"
YINGBAO_POLICY = os.environ.get("YINGBAO_POLICY", "liangping-2023")
# A site's own packs, beside those that ship: next year's notice, or an amendment, goes here.
use_packs(Path(os.environ.get("YINGBAO_PACKS", HOME / "packs")))
# A fixed "today" lets the demo be looked at on the day its season ended; a real site leaves it empty.
YINGBAO_TODAY = os.environ.get("YINGBAO_TODAY", "")
YINGBAO_DEMO = os.environ.get("YINGBAO_DEMO") == "1"

DEBUG = False
ALLOWED_HOSTS = os.environ.get("YINGBAO_HOSTS", "127.0.0.1,localhost").split(",")
DATABASES = {"default": database_from_url(os.environ.get("YINGBAO_DATABASE_URL", f"sqlite:///{HOME}/yingbao.sqlite3"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "ninja",
    "yingbao.divisions",
    "yingbao.accounts",
    "yingbao.worklist",
    "yingbao.ledger",
    "yingbao.registry",
    "yingbao.enrolment",
    "yingbao.collection",
    "yingbao.coverage",
    "yingbao.settlement",
    "yingbao.publicity",
    "yingbao.progress",
    "yingbao.web",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "yingbao.web.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "yingbao.web.middleware.ActorMiddleware",
    "yingbao.web.middleware.SentenceMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "yingbao.config.urls"
WSGI_APPLICATION = "yingbao.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.messages.context_processors.messages",
                "yingbao.web.context.workbench",
            ],
        },
    }
]

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "yingbao.accounts.backends.OfficeBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "login"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "web/locked.html"
AXES_VERBOSE = False

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "static/"
STATIC_ROOT = HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
MEDIA_ROOT = YINGBAO_UPLOADS
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

SECURE_HTTPS = os.environ.get("YINGBAO_HTTPS") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_HTTPS
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
        "img-src": [SELF, "data:"],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"axes": {"level": "ERROR"}},
}
