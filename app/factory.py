"""create_app(): wires the rooms together and decides nothing."""

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app import pages, settings
from app.api import downloads
from app.api import routes as api
from app.api.ogc import routes as ogc
from app.live.current import Live
from app.live.follow import Follower
from app.response import gate, problems
from app.response.concurrency import Limit
from app.response.connections import Watch
from app.response.headers import CORS
from app.response.rate import Limiter
from app.settings import Settings
from geodata.store.files import Dataset, RoadNetwork


def worker() -> Flask:
    """What each process of a server runs: the application, and a watch over its connections."""
    Watch().start()
    return create_app()


def create_app(stated: Settings | None = None) -> Flask:
    """The WSGI application over the dataset that the settings (by default the
    environment's) name.
    """
    chosen = stated or settings.read()
    app = Flask(__name__, static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.config["TRUSTED_HOSTS"] = list(chosen.trusted_hosts) or None
    network = RoadNetwork(chosen.home, chosen.network) if chosen.network else None
    dataset = Dataset(chosen.home, chosen.dataset)
    follower = _follower(chosen.database_url, dataset) if chosen.database_url else None
    live = Live(dataset, network)
    problems.install(app)
    gate.install(app)
    app.register_blueprint(api.blueprint(live, Limiter(chosen.posts_per_hour), follower))
    app.register_blueprint(ogc.blueprint(live))
    app.register_blueprint(downloads.blueprint(live))
    app.register_blueprint(pages.blueprint(live, chosen.base_map))
    app.make_default_options_response = lambda: _options(app)  # type: ignore[method-assign]  # adds CORS to Flask's own
    app.wsgi_app = Limit(app, app.wsgi_app, chosen.max_concurrent)  # type: ignore[method-assign]  # as Flask's documentation has it
    if chosen.trusted_proxies:
        hops = chosen.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]  # as above
    return app


def _follower(database_url: str, dataset: Dataset) -> Follower:
    from geodata.store.postgis import SharedDataset

    follower = Follower(SharedDataset(database_url, dataset.name), dataset)
    follower.start()
    return follower


def _options(app: Flask) -> Response:
    response = Response(status=204, headers=list(CORS))
    allowed = Flask.make_default_options_response(app).headers["Allow"]
    response.headers["Allow"] = allowed
    if "Origin" in request.headers:
        response.headers["Access-Control-Allow-Methods"] = allowed
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
