"""softdash for WSGI servers and for a local look.

``gunicorn app:server`` serves it; ``python app.py`` opens it with Dash's own server. Diagnoses also need a worker:
``softdash worker``, or everything at once with ``softdash serve``.
"""

from __future__ import annotations

from softdash.settings import get_settings, settings_or_leave
from softdash.web import create_app

if __name__ == "__main__":
    settings_or_leave()

app = create_app()
server = app.server

if __name__ == "__main__":
    app.run(host=get_settings().host, port=get_settings().port)
