# The same scripts/install.sh as `make run`: what the image does is exercised on every start from a clone.
FROM debian:12-slim AS build
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates python3 python3-venv
WORKDIR /srv/platform
COPY . .
RUN bash scripts/install.sh image \
    && SECRET_KEY=build DJANGO_SETTINGS_MODULE=config.settings.dev STATE_DIR=/srv/state \
       .venv/bin/python manage.py collectstatic --noinput -v 0 \
    && mv /srv/state/static /srv/static && rm -rf /srv/state web/node_modules .git \
    && .venv/bin/python -m pip uninstall -y -q uv pip setuptools

FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3 fonts-noto-cjk fonts-noto-core \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /srv/state --shell /usr/sbin/nologin platform \
    && install -d -o platform -g platform /srv/state
COPY --from=build /srv/platform /srv/platform
COPY --from=build /srv/static /srv/static
WORKDIR /srv/platform
ENV DJANGO_SETTINGS_MODULE=config.settings.production \
    STATE_DIR=/srv/state \
    STATIC_ROOT=/srv/static \
    PATH=/srv/platform/.venv/bin:/usr/bin:/bin \
    PYTHONUNBUFFERED=1
USER platform
VOLUME /srv/state
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live/', timeout=4)"]
CMD ["uvicorn", "config.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--no-server-header", \
     "--proxy-headers", "--forwarded-allow-ips", "*", "--no-access-log", "--log-level", "warning"]
