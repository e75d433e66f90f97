"""Settings of StormCom: everything comes from the environment, and the app starts with none of it set.

`.env.example` documents each variable. Unset DATABASE_URL / CELERY_BROKER_URL mean embedded mode: a private
PostgreSQL and broker (`stormcom.embedded`), and the sandbox as Meta.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import environ
from csp.constants import NONCE
from django.utils.translation import gettext_lazy as _

from integrations.graph import versions
from stormcom import embedded, logs

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

# --- Mode -------------------------------------------------------------------------------------------------

STATE_DIR = Path(env.str("STATE_DIR", default=str(BASE_DIR / ".local"))).resolve()
EMBEDDED_DATABASE = not env.str("DATABASE_URL", default="")
EMBEDDED_BROKER = not env.str("CELERY_BROKER_URL", default="")
PORT = env.int("PORT", default=8000)
SANDBOX_PORT = env.int("SANDBOX_PORT", default=8001)
META_MODE = env.str("META_MODE", default="sandbox" if EMBEDDED_DATABASE else "live")
SANDBOX = META_MODE == "sandbox"
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}"
# A laptop that talks to the real Meta is reachable from the internet: no error pages and no outbox there.
DEBUG = env.bool("DEBUG", default=EMBEDDED_DATABASE and SANDBOX)

_sockets = embedded.sockets(STATE_DIR)


def _secret(name: str) -> str:
    """A secret from the environment; in embedded mode one that is made once and kept in STATE_DIR.

    Empty outside embedded mode when unset: `stormcom.checks` then refuses to start.
    """
    value = env.str(name, default="")
    return value or (embedded.secret(STATE_DIR, name) if EMBEDDED_DATABASE else "")


SECRET_KEY = _secret("SECRET_KEY")
FERNET_KEYS = [key for key in _secret("FERNET_KEYS").split(",") if key]
"""The first key encrypts, all of them decrypt."""

# --- Addresses --------------------------------------------------------------------------------------------

APP_BASE_URL = env.str("APP_BASE_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")
_HTTPS = APP_BASE_URL.startswith("https://")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [APP_BASE_URL]
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_SSL_REDIRECT = _HTTPS and not SANDBOX
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin-allow-popups"
"""Meta's login dialog may open as a popup and has to reach its opener."""
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"

# --- Meta -------------------------------------------------------------------------------------------------

GRAPH_API_VERSION = env.str("GRAPH_API_VERSION", default="") or versions.CURRENT
GRAPH_API_URL = env.str(
    "GRAPH_API_URL", default=SANDBOX_URL if SANDBOX else "https://graph.facebook.com"
).rstrip("/")
FACEBOOK_DIALOG_URL = env.str(
    "FACEBOOK_DIALOG_URL",
    default=f"{SANDBOX_URL if SANDBOX else 'https://www.facebook.com'}/{GRAPH_API_VERSION}/dialog/oauth",
)
FACEBOOK_APP_ID = env.str("FACEBOOK_APP_ID", default="1000000000000001" if SANDBOX else "")
FACEBOOK_APP_SECRET = env.str("FACEBOOK_APP_SECRET", default="sandbox-app-secret" if SANDBOX else "")
INSTAGRAM_APP_SECRET = env.str("INSTAGRAM_APP_SECRET", default="")
FACEBOOK_VERIFY_TOKEN = env.str("FACEBOOK_VERIFY_TOKEN", default="sandbox-verify-token" if SANDBOX else "")
FACEBOOK_LOGIN_CONFIG_ID = env.str("FACEBOOK_LOGIN_CONFIG_ID", default="")
FACEBOOK_DOMAIN_VERIFICATION = env.str("FACEBOOK_DOMAIN_VERIFICATION", default="")
"""The code by which Meta sees that the domain is ours: shown as `/<code>.html` and on the landing page."""
HUMAN_AGENT_APPROVED = env.bool("HUMAN_AGENT_APPROVED", default=SANDBOX)
"""Meta approves the human-agent tag app by app: with it a person may reply for 7 days instead of 24 hours."""
WEBHOOK_BODY_LIMIT = env.int("WEBHOOK_BODY_LIMIT", default=3 * 1024 * 1024)
"""Bytes. Meta batches up to 1,000 updates in one body; none seen comes near this."""
WEBHOOK_QUOTA_PER_ASSET = env.int("WEBHOOK_QUOTA_PER_ASSET", default=600_000)
WEBHOOK_QUOTA_OVERALL = env.int("WEBHOOK_QUOTA_OVERALL", default=6_000_000)
"""Bodies in ten minutes for each web process; above it the answer is 429. Meta lets a Page send 300 messages
a second at most, which makes 1,000 bodies a second with what comes back for them."""
WEBHOOK_RETENTION_DAYS = env.int("WEBHOOK_RETENTION_DAYS", default=30)
WEBHOOK_PARKED_RETENTION_DAYS = env.int("WEBHOOK_PARKED_RETENTION_DAYS", default=90)
"""What Meta sent is removed so many days after it came; what needs a look has longer, what waits stays."""
WEBHOOK_ALLOW_SHA1 = env.bool("WEBHOOK_ALLOW_SHA1", default=False)
EVENT_ROUTES = "stormcom.event_routes"
PAGE_HOOKS = "stormcom.page_hooks"

# --- Applications -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.facebook",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "heroicons",
    "ui",
    "tenancy",
    "integrations",
    "catalog",
    "messaging",
    "leads",
    "orders",
    "operations",
    "stormcom",
]

MIDDLEWARE = [
    "operations.api.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "stormcom.addresses.refuse_nul",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "stormcom.urls"
ASGI_APPLICATION = "stormcom.asgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "operations.rail.rail",
            ],
        },
    },
]

# --- Data -------------------------------------------------------------------------------------------------

_database: dict[str, Any] = (
    {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "stormcom",
        "USER": "stormcom",
        "HOST": str(_sockets.postgres_dir),
    }
    if EMBEDDED_DATABASE
    else env.db("DATABASE_URL")
)
# Under ASGI a thread lives for one request, so connections are lent from a pool, not kept by threads.
# A pool that cannot connect pauses longer each time; it starts anew before those pauses outlast an outage.
_pool = {"min_size": 1, "max_size": 12, "timeout": 10, "reconnect_timeout": 5}
_database["OPTIONS"] = _database.get("OPTIONS", {}) | {"pool": _pool}
_database["CONN_HEALTH_CHECKS"] = True
DATABASES = {"default": _database}

# An empty variable is as good as none.
_own_redis = f"unix://{_sockets.redis_path}?db=1" if EMBEDDED_BROKER else ""
REDIS_URL = env.str("REDIS_URL", default="") or _own_redis
_own_broker = f"redis+socket://{_sockets.redis_path}?virtual_host=0"
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="") or _own_broker
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or CELERY_BROKER_URL,
        "KEY_PREFIX": "stormcom",
    }
}

# --- Jobs (see stormcom/celery.py and stormcom/timetable.py) ----------------------------------------------

CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    # A buyer waits: what Meta just told us.
    "integrations.webhooks.tasks.*": {"queue": "webhooks"},
    "leads.tasks.fetch_lead": {"queue": "webhooks"},
    # A promise of seconds: stock on its way to Meta.
    "catalog.push.tasks.push_stock": {"queue": "stock"},
    # Measures that promise: a look that comes late would call stock late.
    "catalog.canary.tasks.look_at_canary": {"queue": "stock"},
    # Long and patient: it must not stand before the others.
    "catalog.push.tasks.push_catalog": {"queue": "bulk"},
    # Nobody's promise waits for an answer about a batch.
    "catalog.push.tasks.poll_batch": {"queue": "bulk"},
    "catalog.push.tasks.poll_batches": {"queue": "bulk"},
    "catalog.bulk.tasks.*": {"queue": "bulk"},
    "catalog.linking.look_tasks.*": {"queue": "bulk"},
    "catalog.comparing.tasks.*": {"queue": "bulk"},
    "catalog.pictures.tasks.*": {"queue": "bulk"},
    "leads.tasks.sync_leads": {"queue": "bulk"},
    "operations.tasks.purge_old_rows": {"queue": "bulk"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Above the longest task and the longest countdown (5 minutes): a lost worker's task comes back after it.
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
}
# A broker that is away may cost a request a second, not more: a sweep finds what was not started.
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.2,
}
CELERY_TIMEZONE = "UTC"

# --- People -----------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "tenancy.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "tenancy:home"
LOGOUT_REDIRECT_URL = "landing"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True
"""Only in the browser that signed up; the link alone signs nobody in."""
ACCOUNT_ADAPTER = "tenancy.sign_in.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "tenancy.sign_in.SocialAdapter"
ACCOUNT_SIGNUP_FORM_CLASS = "tenancy.forms.SignupForm"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "login": "30/m/ip", "signup": "20/m/ip"}
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_PROVIDERS = {
    "facebook": {
        "APPS": [{"client_id": FACEBOOK_APP_ID, "secret": FACEBOOK_APP_SECRET}] if FACEBOOK_APP_ID else [],
        "METHOD": "oauth2",
        "SCOPE": ["email", "public_profile"],
        "FIELDS": ["id", "email", "name", "first_name", "last_name"],
        "VERSION": GRAPH_API_VERSION,
        "AUTHORIZE_URL": FACEBOOK_DIALOG_URL,
        "GRAPH_API_URL": f"{GRAPH_API_URL}/{GRAPH_API_VERSION}",
        "VERIFIED_EMAIL": False,
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if env.bool("BEHIND_PROXY", default=False) else 0
"""Rate limits count by the address that the proxy saw."""
MFA_ADAPTER = "tenancy.sign_in.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
"""A phone's clock may be half a minute off."""
MFA_TOTP_ISSUER = "StormCom"

# --- Stock ------------------------------------------------------------------------------------------------

CANARY_MINUTES = env.int("CANARY_MINUTES", default=10)
"""How often a hidden item of each catalog is changed, to measure how fast stock reaches Meta; 0 is never."""

# --- JSON API ---------------------------------------------------------------------------------------------

API_REQUESTS_PER_MINUTE = env.int("API_REQUESTS_PER_MINUTE", default=120)
"""For one key or one person; above it the answer is 429."""
API_REQUESTS_PER_MINUTE_AND_STORE = env.int("API_REQUESTS_PER_MINUTE_AND_STORE", default=600)
"""For one store, by all its keys and people together: no store slows the others down."""
API_REQUESTS_PER_MINUTE_AND_ADDRESS = env.int("API_REQUESTS_PER_MINUTE_AND_ADDRESS", default=600)
"""For one address, whoever asks from there: it bounds the guessing of keys, too."""

# --- E-mail -----------------------------------------------------------------------------------------------

MAIL_DIR = STATE_DIR / "mail"
EMAIL_URL = env.str("EMAIL_URL", default="")
if EMAIL_URL:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_DIR
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
"""Who answers questions about privacy; it stands on the public pages."""
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="StormCom <no-reply@stormcom.example>")

# --- Language, static files, security policy --------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
LANGUAGES = [("en-gb", _("English"))]
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
"""A product's form has eleven fields for each of its variants, which may be hundreds at Meta."""
MEDIA_ROOT = STATE_DIR / "media"
PICTURES_FROM_PRIVATE_ADDRESSES = env.bool("PICTURES_FROM_PRIVATE_ADDRESSES", default=SANDBOX)
"""Whether pictures are looked at on this machine and in private networks, too: for a laptop only."""
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(STATE_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
# Pictures of products: on this machine, or where every machine of ours finds them.
STORAGES = {
    "default": {
        "BACKEND": env.str("MEDIA_STORAGE", default="") or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": env.json("MEDIA_STORAGE_OPTIONS", default=None) or {},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG or EMBEDDED_DATABASE
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG or EMBEDDED_DATABASE  # a laptop runs no collectstatic

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'", NONCE],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        # A form that starts a connection is redirected to Meta's login dialog.
        "form-action": ["'self'", "{0.scheme}://{0.netloc}".format(urlsplit(FACEBOOK_DIALOG_URL))],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "manifest-src": ["'self'"],
    }
}

# --- What we tell about ourselves -------------------------------------------------------------------------

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "stormcom.logs.make_formatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # Uvicorn brings handlers of its own, which would print addresses with all that is secret in them.
    "loggers": {
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.access": {"handlers": [], "propagate": True},
    },
}
logs.configure()
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
"""What a monitor shows as `Authorization: Bearer …` to read /metrics; unset, only DEBUG shows the page."""
SENTRY_DSN = env.str("SENTRY_DSN", default="")
