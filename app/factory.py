"""create_app(): wires the rooms together and decides nothing."""

import gc
from typing import Final

from flask import Flask, Response, request
from werkzeug.middleware.proxy_fix import ProxyFix

from app import pages, settings
from app.api import downloads
from app.api import routes as api
from app.api.ogc import routes as ogc
from app.desk import routes as desk
from app.live.current import Live
from app.live.follow import Follower
from app.ops import log_lines
from app.ops import routes as ops
from app.ops.observed import Observed, counters_of
from app.pages import directory_pages, letter_pages, limits, linked, notice_pages, wish_pages
from app.response import hosts, problems
from app.response.concurrency import Limit
from app.response.connections import Watch
from app.response.headers import CORS, SECURITY
from app.response.limits import MOST_BODY_BYTES
from app.response.mount import Mounted
from app.response.plain import PlainFlask
from app.response.rate import Limiter
from app.response.unread import ReadOut
from app.settings import Settings
from app.voice import directory_routes, letter_routes, notice_routes, photos
from app.voice import routes as voice_views
from app.voice.directory import LiveDirectory
from app.voice.letter_routes import LetterBox
from app.voice.live_voice import LiveVoice
from app.voice.setting_up import voice_of
from app.voice.wishes import LiveWishes
from geodata.store.files import BaseMapStore, Dataset, RoadNetwork

#: Blueprints whose posts are taken from our own pages alone: no other origin is told that it may.
_VOICES: Final = frozenset({"voice", "letters", "directory"})


def worker() -> Flask:
    """What each process of a server runs: the application, and a watch over its connections."""
    Watch().start()
    chosen = settings.read()
    log_lines.set_up(chosen)
    app = create_app(chosen)
    app.extensions["desk"].desk.jobs.start()
    # What a worker begins with lasts as long as it: each time that all of it was looked through for
    # garbage every thread stood still for some 0.2 s.
    gc.freeze()
    return app


def create_app(stated: Settings | None = None) -> Flask:
    """The WSGI application over the dataset that the settings (by default the
    environment's) name.
    """
    chosen = stated or settings.read()
    app = PlainFlask(__name__, static_folder=None)
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # DefaultJSONProvider has it
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    hosts.answer_only(app, chosen.trusted_hosts)
    network = RoadNetwork(chosen.home, chosen.network) if chosen.network else None
    dataset = Dataset(chosen.home, chosen.dataset)
    follower = _follower(chosen.database_url, dataset) if chosen.database_url else None
    ground = BaseMapStore(chosen.home, chosen.dataset) if chosen.own_ground else None
    live = Live(dataset, network, ground)
    problems.install(app)
    linked.install(app)
    voice = voice_of(chosen)
    said = LiveVoice(voice.database)
    said.prepare = lambda overlay, now: overlay.over(live.snapshot(), now)
    app.register_blueprint(api.blueprint(live, Limiter(chosen.posts_per_hour), said, follower))
    app.register_blueprint(voice_views.blueprint(live, voice, said))
    app.register_blueprint(notice_routes.blueprint(live, voice, said))
    app.register_blueprint(notice_pages.blueprint(live, voice, said))
    app.register_blueprint(ogc.blueprint(live, said))
    app.register_blueprint(downloads.blueprint(live))
    app.register_blueprint(pages.blueprint(live, said, chosen.base_map, chosen.map_approval))
    app.register_blueprint(limits.blueprint(live, chosen))
    box = LetterBox(voice, live, said, chosen.answerers)
    app.register_blueprint(letter_routes.blueprint(box))
    app.register_blueprint(letter_pages.blueprint(live, box))
    app.register_blueprint(desk.blueprint(live, box, said, chosen))
    app.register_blueprint(photos.blueprint(voice.database))
    listed, wished = LiveDirectory(voice.database), LiveWishes(voice.database)
    app.register_blueprint(directory_routes.blueprint(live, voice, listed, wished))
    app.register_blueprint(directory_pages.blueprint(live, listed))
    app.register_blueprint(wish_pages.blueprint(live, voice, wished))
    app.config["METRICS_TOKEN"] = chosen.metrics_token
    counters = counters_of(app)
    said.when_heard(counters.heard)
    app.register_blueprint(ops.blueprint(live, counters, voice.database, follower, said))
    app.make_default_options_response = lambda: _options(app)  # type: ignore[method-assign]  # adds CORS to Flask's own
    app.wsgi_app = Limit(app, app.wsgi_app, chosen.max_concurrent)  # type: ignore[method-assign]  # as Flask's documentation has it
    app.wsgi_app = Mounted(app.wsgi_app, chosen.prefix)  # type: ignore[method-assign]  # as above
    app.wsgi_app = ReadOut(app.wsgi_app)  # type: ignore[method-assign]  # as above
    if chosen.trusted_proxies:
        hops = chosen.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_prefix=hops)  # type: ignore[method-assign]  # as above
    app.wsgi_app = Observed(app.wsgi_app, counters)  # type: ignore[method-assign]  # as above
    return app


def _follower(database_url: str, dataset: Dataset) -> Follower:
    from geodata.store.postgis import SharedDataset

    follower = Follower(SharedDataset(database_url, dataset.name), dataset)
    follower.start()
    return follower


def _options(app: Flask) -> Response:
    allowed = Flask.make_default_options_response(app).headers["Allow"]
    written = {"POST", "DELETE"} if request.blueprint in _VOICES else set()
    offered = set(allowed.split(", ")) - written
    own = offered == {"OPTIONS"}  # what people write comes from our own pages alone
    response = Response(status=204, headers=[*SECURITY, *(() if own else CORS)])
    response.headers["Allow"] = allowed
    if "Origin" in request.headers and not own:
        response.headers["Access-Control-Allow-Methods"] = ", ".join(sorted(offered))
        response.headers["Access-Control-Allow-Headers"] = "Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"
    return response
