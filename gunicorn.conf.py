"""Read by ``gunicorn app:server``: a wrong setting ends it at once, with a sentence and status 2."""

from softdash.settings import settings_or_leave

settings_or_leave()
