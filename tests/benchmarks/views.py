"""The applications that the HTTP row serves: ours, and what others would write.

Each is a factory that granian calls.

They read the dataset that NUANFENG_HOME and NUANFENG_DATASET name, as ours does.
`NUANFENG_BENCH_BODY` is the file with the reply that the bare endpoint gives."""

import os
from pathlib import Path
from typing import Annotated, Any

import msgspec
from flask import Flask, Response, request

from app import settings
from app.response.headers import GEOJSON
from geodata.search import nearest as nearest_search
from geodata.search.filter import Filter
from geodata.search.nearest import Question
from geodata.snapshot.records import END, STORED_MODE
from geodata.sources.demo.city import SHENZHEN
from geodata.store.files import Dataset

BODY_VARIABLE = "NUANFENG_BENCH_BODY"


def bare() -> Flask:
    """Flask giving the same bytes every time, as many as ours: the floor under any Flask view."""
    app, body = Flask(__name__, static_folder=None), Path(os.environ[BODY_VARIABLE]).read_bytes()

    @app.get("/<path:_>")
    def same(_: str) -> Response:
        return Response(body, mimetype=GEOJSON)

    @app.post("/api/v1/<path:_>")
    def sent(_: str) -> Response:
        request.get_data(cache=False)  # else granian drops the connection
        return Response(body, mimetype=GEOJSON)

    return app


def frame() -> Flask:
    """A view that filters a GeoDataFrame and asks it for distances, with the points projected
    beforehand.
    """
    import geopandas as gpd

    from geodata.places.table import DATE_COLUMN, LIST_COLUMNS
    from geodata.space.coordinates import WGS84, metric
    from geodata.traits import service_bits
    from geodata.vocabulary import SERVES, Need, Service

    app, stated = Flask(__name__, static_folder=None), settings.read()
    dataset = Dataset(stated.home, stated.dataset)
    path = dataset.folder / "versions" / dataset.pointer().version / "places.parquet"
    places = gpd.read_parquet(path).to_crs(SHENZHEN.grid)
    for column in LIST_COLUMNS:
        places[column] = [list(value) for value in places[column]]  # arrays of words have no JSON
    places[DATE_COLUMN] = places[DATE_COLUMN].astype("str")
    serving = {need: service_bits([s for s in Service if need in SERVES[s]]) for need in Need}

    @app.get("/api/v1/nearest")
    def nearest() -> Response:
        lon, lat, k = float(request.args["lon"]), float(request.args["lat"]), int(request.args["k"])
        asked = gpd.GeoSeries(
            gpd.points_from_xy(*metric([lon], [lat], SHENZHEN.grid).T), crs=places.crs
        )
        matching = places[(places["service_bits"] & serving[Need(request.args["needs"])]) != 0]
        found = matching.assign(distance_m=matching.distance(asked.iloc[0])).nsmallest(
            k, "distance_m"
        )
        return Response(found.to_crs(WGS84).to_json(), mimetype=GEOJSON)

    return app


def pydantic() -> Any:
    """FastAPI and pydantic over our own search: places are models made at the start, replies are
    built of them.
    """
    from fastapi import FastAPI, Query
    from pydantic import BaseModel

    from app.request.queries import now
    from geodata.vocabulary import Audience, Door, Kind, Need, Service

    class Asked(BaseModel, extra="forbid"):
        lon: Annotated[float, Query(ge=-180, le=180)]
        lat: Annotated[float, Query(ge=-90, le=90)]
        k: Annotated[int, Query(ge=1, le=50)] = 10
        kinds: tuple[Kind, ...] = ()
        needs: tuple[Need, ...] = ()
        services: tuple[Service, ...] = ()
        audience: tuple[Audience, ...] = ()
        door: tuple[Door, ...] = ()
        max_distance_m: Annotated[float, Query(gt=0, le=50_000)] = 5_000.0

    class Hit(BaseModel):
        id: str
        geometry: Any
        properties: dict[str, Any]
        distance_m: float
        bearing_deg: int
        open: str
        until: str | None

    class Found(BaseModel):
        type: str = "FeatureCollection"
        more: bool
        dataVersion: str  # noqa: N815  # the contract's spelling
        features: list[Hit]

    stated = settings.read()
    snapshot = Dataset(stated.home, stated.dataset).load()
    every = snapshot.records.open_features(range(len(snapshot)), STORED_MODE)
    places = [_decode(feature + END) for feature, _, _ in every]
    app = FastAPI()

    @app.get("/api/v1/nearest")
    async def nearest(asked: Annotated[Asked, Query()]) -> Found:
        wanted = Filter(asked.kinds, asked.needs, asked.services, asked.audience, asked.door)
        question = Question(asked.lon, asked.lat, now(), asked.k, asked.max_distance_m, wanted)
        answer = nearest_search.nearest(snapshot, question)
        hits = []
        for row, metres, bearing in answer.hits:
            place, hours = places[row], snapshot.hours_row(row)
            until = answer.minute_hours.until(hours)
            hits.append(
                Hit(
                    id=place.id,
                    geometry=place.geometry,
                    properties=place.properties,
                    distance_m=metres,
                    bearing_deg=round(bearing),
                    open=answer.minute_hours.state(hours).word,
                    until=until.isoformat() if until else None,
                )
            )
        return Found(more=answer.more, dataVersion=snapshot.version, features=hits)

    return app


class _Place(msgspec.Struct):
    id: str
    geometry: dict[str, Any]
    properties: dict[str, Any]


_decode = msgspec.json.Decoder(_Place).decode
