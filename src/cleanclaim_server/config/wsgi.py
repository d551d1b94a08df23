"""The WSGI entry point, for `cleanclaim serve` and for other servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cleanclaim_server.config.settings")
application = get_wsgi_application()
