"""The WSGI door for gunicorn, which loads it once and forks: what is loaded here is shared by all its processes."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yingbao.config.settings")
application = get_wsgi_application()
_ = get_resolver().url_patterns  # every page, now rather than at somebody's first request
gc.freeze()  # all of it stays for good: the collector need not go through it again and again
