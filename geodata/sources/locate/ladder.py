"""The ladder: what was read of an address becomes a point with a radius that holds.

Each rung is coarser than the one before. A name that may mean two places, and a district that
contradicts what was found, are told and never decided.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import shapely
import shapely.ops
from shapely.geometry.base import BaseGeometry

from geodata.errors import Said
from geodata.sources.locate.address import Address, HouseNumber, ReadName, Where, read_address
from geodata.sources.locate.book import (
    AREAS,
    AddressBook,
    BookEntry,
    NamedThing,
    Sort,
    letters,
    name_letters,
)
from geodata.sources.locate.candidates import (
    CORNER_M,
    LEAST_M,
    SAME_M,
    Candidate,
    Rung,
    are_scattered,
    crossings,
    number_letters,
    parts_apart_m,
    runs_on,
    spot_of,
    together,
    turned,
    value_of,
)
from geodata.sources.locate.named_areas import (
    is_district,
    is_no_district,
    is_told_elsewhere,
    is_zone,
)
from geodata.sources.locate.plane import Plane, apart_m, farthest_m
from geodata.vocabulary import PIN_M

#: A number of another sub-number, and one between two known ones.
_NEAR_NUMBER_M: Final = 150.0
#: Doors lie so far from the middle of their road, and from the line between two known doors.
_SETBACK_M: Final = 120.0
_BETWEEN_M: Final = 60.0
#: Known numbers further apart than this say little of what lies between them.
_WIDEST_GAP_M: Final = 500.0
_MOST_BETWEEN: Final = 60
#: What stands beside a thing is not further from it; what is opposite or near is not further.
_BESIDE_M: Final = 60.0
_NEAR_M: Final = 100.0
#: A landmark on a road, and a number of it, lie within so much of it.
_ON_ROAD_M: Final = 250.0
_NUMBER_ON_ROAD_M: Final = 400.0
#: An area's outline may be off by so much where somebody surveyed it.
_OUTLINE_M: Final = 300.0
#: A road that reaches the edge of what the book knows goes on beyond it.
_EDGE_M: Final = 50.0
_STREET: Final = ("街道", "街道办", "街道办事处", "街办")
_A_DISTRICT: Final = frozenset((Sort.DISTRICT,))
_SEVERAL: Final = "{name} is several places here; the address does not say which"
#: A distance told in an address is rounded, and a direction one of eight.
_DISTANCE_SHARE: Final = 0.25
_BEARING_SHARE: Final = 0.5
_MOST_TURN: Final = 60.0


@dataclass(frozen=True, slots=True)
class Sought:
    """An address, and what else its row says of where it is."""

    address: str
    district: str = ""
    street: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What came of an address. Without a point where `rung` is NOT_FOUND."""

    rung: Rung
    candidate: str = ""
    """What was found, in the names of the book."""
    lon: float | None = None
    lat: float | None = None
    """WGS-84."""
    radius_m: float | None = None
    """The place lies within so much of the point."""
    evidence: tuple[Said, ...] = ()
    """What speaks for it and against it, what is ambiguous, and what was not read."""
    district: str = ""
    """The stated district and street office by their names in the book; empty: not known."""
    street: str = ""

    @property
    def is_pin(self) -> bool:
        """Whether it is fine enough to be drawn at its point."""
        return self.radius_m is not None and self.radius_m <= PIN_M


def locate(sought: Sought, book: AddressBook) -> Found:
    """Where an address is, as finely as the book says it; always an answer."""
    read = read_address(sought.address, book)
    seeker = _Seeker(book, read)
    seeker.limit(sought)
    return seeker.run()


def outside_of(sought: Sought, book: AddressBook, point: shapely.Point) -> str | None:
    """The first area that an address or its row names and a WGS-84 point does not lie in."""
    seeker = _Seeker(book, read_address(sought.address, book))
    seeker.limit(sought)
    area = seeker.outside(point)
    return area.key if area else None


@dataclass(slots=True)
class _Seeker:
    """One address being sought."""

    book: AddressBook
    read: Address
    limits: list[tuple[ReadName, Sequence[BookEntry]]] = field(default_factory=list)
    """Areas in which the place must lie, with what the book holds of each."""
    told: list[Said] = field(default_factory=list)
    elsewhere: bool = False
    """Whether the address is in another city, or says what cannot be."""
    in_city: bool = False
    """Whether it names a city of the book."""
    clashing: bool = False
    """Whether two things that it names cannot both be where it is."""

    def tell(self, template: str, **values: object) -> None:
        said = Said(template, **values)
        if said not in self.told:
            self.told.append(said)

    # --- areas ---

    def limit(self, sought: Sought) -> None:
        """Note the areas that the address and its row name, and whether they can be together."""
        beside = [*read_address(sought.street, self.book).areas]
        key = letters(sought.district)[0]
        if key and not is_no_district(key):
            of_row = read_address(sought.district, self.book).areas
            short = is_district(key) and not self.book.sorts(key)
            beside += of_row or ([ReadName(key, _A_DISTRICT, known=False)] if short else [])
        areas = dict.fromkeys((*self.read.areas, *beside))
        self.in_city = any(area.known and Sort.CITY in area.sorts for area in areas)
        for area in areas:
            self._limit(area)
        if self.read.localities and (self.book.knows(Sort.CITY) or self.book.knows(Sort.DISTRICT)):
            self.tell("{area} is not in this address book", area=self.read.localities[0])
            self.elsewhere = True
        for one, its in self.limits:
            for other, others in self.limits:
                if one is not other and _apart(its, others) > _slack(its) + _slack(others):
                    self.tell("{one} does not lie in {other}", one=one.key, other=other.key)
                    self.elsewhere = True

    def _limit(self, area: ReadName) -> None:
        sort = next(sort for sort in AREAS if sort in area.sorts)
        if not area.known:
            decides = not is_zone(area.key) and not (sort is Sort.CITY and self.in_city)
            if sort is not Sort.STREET_OFFICE and decides and self.book.knows(sort):
                self.tell("{area} is not in this address book", area=area.key)
                self.elsewhere = True
            elif decides and (self.book.told(sort) or sort is Sort.STREET_OFFICE):
                self.limits.append((area, ()))
            else:
                self.tell("{area} is not known here, so it says nothing", area=area.key)
            return
        sorts = [each for each in AREAS if each in area.sorts]
        entries = [entry for each in sorts for entry in self.book.areas(area.key, each)]
        self.limits.append((area, entries))

    def outside(self, shape: BaseGeometry) -> ReadName | None:
        """The first area that a shape lies outside of; None: it lies in all of them."""
        for area, entries in self.limits:
            outlines = [entry for entry in entries if entry.is_outline]
            if outlines and all(
                apart_m(entry.shape, shape) > max(_OUTLINE_M, entry.reach_m) for entry in outlines
            ):
                return area
            if not outlines and self._is_told_elsewhere(area, entries, shape):
                return area
            if self._is_in_another(area, entries, shape):
                return area
        return None

    def _is_told_elsewhere(
        self, area: ReadName, entries: Sequence[BookEntry], shape: BaseGeometry
    ) -> bool:
        return any(
            is_told_elsewhere(self.book, sort, [e for e in entries if e.sort is sort], shape)
            for sort in area.sorts & {Sort.CITY, Sort.DISTRICT}
        )

    def _is_in_another(
        self, area: ReadName, entries: Sequence[BookEntry], shape: BaseGeometry
    ) -> bool:
        """Whether a shape lies well within another area of their sort, where the book has no
        outline of theirs that was surveyed: a relation that the extract's edge cuts.
        """
        sorts = {each.sort for each in entries} or area.sorts & {*AREAS}
        is_old = not entries and not area.key.endswith(_STREET)  # a town that became several
        return not is_old and all(
            not any(each.is_surveyed for each in entries if each.sort is sort)
            and any(
                apart_m(each.shape.boundary, shape) > _OUTLINE_M
                for each in self.book.around(shape, sort)
            )
            for sort in sorts
        )

    def _unchecked(self) -> Iterator[str]:
        """The stated areas of which the book cannot say what lies in them."""
        for area, entries in self.limits:
            if not any(each.is_outline for each in entries):
                yield area.key

    # --- names ---

    def _one(self, name: ReadName, sorts: Iterable[Sort]) -> NamedThing | None:
        """The one thing of that name in the stated areas; else it is told why there is none."""
        every = [group for sort in sorts for group in self.book.groups(name.key, sort)]
        if not every:
            return None
        fitting = [group for group in every if self.outside(group.shape) is None]
        if not fitting:
            outside = self.outside(every[0].shape)
            self.tell(
                "{name} does not lie in {area}",
                name=every[0].name,
                area=outside.key if outside else "",
            )
            return None
        merged = together(fitting)
        if len(merged) > 1:
            self.tell(
                "{name} is {count} places here; the address does not say which",
                name=name.key,
                count=len(merged),
            )
            return None
        return merged[0]

    # --- rungs ---

    def run(self) -> Found:
        if self.elsewhere:
            return self._answer(None)
        anchors = list(self._anchors())
        fine = [spot for spot in anchors if spot is not None]
        if clash := _clash(fine):
            self.tell(
                "{one} and {other} lie {metres:,.0f} m apart",
                one=clash[0].name,
                other=clash[1].name,
                metres=apart_m(clash[0].point, clash[1].point),
            )
            self.clashing = True
        if self.read.between and fine:
            self.tell("it lies between two things, so neither is its place")
            self.clashing = True
        if self.clashing:
            fine = []
        best = min(fine, key=lambda spot: spot.radius_m, default=None)
        return self._answer(self._over_all(best, fine) if best else self._coarse())

    def _over_all(self, best: Candidate, fine: Sequence[Candidate]) -> Candidate:
        """A candidate, widened to those that do not touch it: nobody knows which is meant."""
        reach_m = best.radius_m
        for other in fine:
            away_m = apart_m(best.point, other.point)
            if away_m > best.radius_m + other.radius_m:
                reach_m = max(reach_m, away_m + other.radius_m)
        return best._replace(radius_m=reach_m)

    def _anchors(self) -> Iterator[Candidate | None]:
        """Candidates finer than a road; they must agree."""
        road = self._road()
        house = self._house(road)
        yield house and self._from(house, ())
        if self.read.number is None and len(self.read.roads) > 1:
            crossing = self._junction()
            yield crossing and self._from(crossing, self.read.roads)
        for at, landmark in enumerate(self.read.landmarks):
            spot = self._landmark(landmark, road, house)
            if at in self.read.hints and (spot is None or house or at):
                continue
            is_anchor = self.read.where is not Where.AT and at == self.read.after - 1
            yield self._from(spot, self.read.roads) if spot and is_anchor else spot

    def _road(self) -> NamedThing | None:
        """The road that a number counts along, or the only one that is named."""
        if not self.read.roads:
            return None
        if self.read.number is None and len(self.read.roads) > 1:
            return None
        name = self.read.roads[-1]
        if not name.known:
            self.tell("the road {name} is not known here", name=name.key)
            return None
        return self._one(name, (Sort.ROAD,))

    def _house(self, road: NamedThing | None) -> Candidate | None:
        number, roads = self.read.number, self.read.roads
        if number is not None and self.read.number_of is not None and not roads:
            roads = (self.read.number_of,)
        elif number is None or len(roads) != 1:
            return None
        called = roads[0]
        known = self._numbers(called, road)
        if called.known and road is None and called is not self.read.number_of:
            known = self._in_pieces(number, known)
        if road is None and are_scattered([shape for _, shape in known]):
            self.tell(_SEVERAL, name=called.key)
            return None
        if known:
            return self._numbered(called, road, number, known)
        if called.known and (road is not None or self.read.number_of is not None):
            self.tell("no house number of {road} is known here", road=called.key)
        return None

    def _in_pieces(
        self, number: HouseNumber, known: Sequence[tuple[str, BaseGeometry]]
    ) -> list[tuple[str, BaseGeometry]]:
        """Of a road in several pieces the number itself, where a surveyed area is stated that holds
        them all.
        """
        is_bounded = any(each.is_surveyed for _, entries in self.limits for each in entries)
        return [pair for pair in known if is_bounded and pair[0] == number.text]

    def _numbered(
        self,
        called: ReadName,
        road: NamedThing | None,
        number: HouseNumber,
        known: Sequence[tuple[str, BaseGeometry]],
    ) -> Candidate | None:
        """By the number itself, its sub-numbers, or those next to it."""
        called_by = road or next(iter(self.book.groups(called.key, Sort.ROAD)), None)
        name = f"{called_by.name if called_by else called.key} {number.text}号"
        same = [shape for key, shape in known if key == number.text]
        if same:
            return self._of_numbers(name, same, LEAST_M[Rung.HOUSE_NUMBER])
        base = [shape for key, shape in known if value_of(key) == number.value]
        if base:
            self.tell(
                "{road} {number} is known without its sub-number",
                road=called.key,
                number=number.value,
            )
            return self._of_numbers(name, base, _NEAR_NUMBER_M)
        return self._between(name, number, known)

    def _numbers(self, called: ReadName, road: NamedThing | None) -> list[tuple[str, BaseGeometry]]:
        """The known house numbers of a road in the stated areas, as they are compared."""
        names = {called.key}
        if road is not None:
            names |= {name for each in road.entries for name in (each.name, *each.others)}
        every = {
            id(each): each
            for name in names
            for each in self.book.belonging(name, Sort.HOUSE_NUMBER)
        }
        near = [
            each
            for each in every.values()
            if self.outside(each.shape) is None
            and (road is None or apart_m(each.shape, road.shape) <= _NUMBER_ON_ROAD_M)
        ]
        return [(number_letters(each.name), each.shape) for each in near]

    def _of_numbers(
        self, name: str, shapes: Sequence[BaseGeometry], least_m: float
    ) -> Candidate | None:
        shape = shapely.union_all(list(shapes))
        spot = spot_of(Rung.HOUSE_NUMBER, name, shape, CORNER_M, least_m)
        parts = parts_apart_m(shapes)
        if parts > SAME_M:
            self.tell("{name} stands at places {metres:,.0f} m apart", name=name, metres=parts)
            return None
        return spot

    def _between(
        self, name: str, number: HouseNumber, known: Sequence[tuple[str, BaseGeometry]]
    ) -> Candidate | None:
        """Between the next known numbers below and above, if numbers run on there."""
        side = [
            (value, shape)
            for key, shape in known
            if (value := value_of(key)) is not None and (value - number.value) % 2 == 0
        ]  # the other side of a road counts by itself
        below = sorted((p for p in side if p[0] < number.value), key=lambda p: -p[0])
        above = sorted((p for p in side if p[0] > number.value), key=lambda p: p[0])
        if below and above:
            return self._on_line(name, number.value, below, above)
        self.tell("no known house numbers stand on both sides of {name}", name=name)
        return None

    def _on_line(
        self,
        name: str,
        value: int,
        below: Sequence[tuple[int, BaseGeometry]],
        above: Sequence[tuple[int, BaseGeometry]],
    ) -> Candidate | None:
        plane = Plane.at(below[0][1])
        low, high = (plane.to_metres(each[0][1]).centroid for each in (below, above))
        apart = low.distance(high)
        if apart > _WIDEST_GAP_M or above[0][0] - below[0][0] > _MOST_BETWEEN:
            self.tell("the next known house numbers of {name} are too far apart", name=name)
            return None
        if not runs_on(plane, low, high, (*below[:3], *above[:3]), value):
            self.tell("house numbers do not run on at {name}", name=name)
            return None
        share = (value - below[0][0]) / (above[0][0] - below[0][0])
        point = shapely.Point(low.x + share * (high.x - low.x), low.y + share * (high.y - low.y))
        self.tell("between the house numbers {low} and {high}", low=below[0][0], high=above[0][0])
        radius_m = max(share, 1 - share) * apart + _BETWEEN_M
        radius_m = max(radius_m, _NEAR_NUMBER_M)  # doors between are not counted evenly
        return Candidate(Rung.HOUSE_NUMBER, name, plane.to_degrees(point), radius_m)

    def _junction(self) -> Candidate | None:
        one, other = self.read.roads[:2]
        unknown = [road.key for road in (one, other) if not road.known]
        if unknown:
            self.tell("the road {name} is not known here", name=unknown[0])
            return None
        pairs = [
            (a, b)
            for a in self.book.groups(one.key, Sort.ROAD)
            for b in self.book.groups(other.key, Sort.ROAD)
        ]
        spots = [spot for a, b in pairs for spot in crossings(a, b)]
        fitting = [spot for spot in spots if self.outside(spot.point) is None]
        if len(fitting) == 1:
            spot = fitting[0]
            return spot if self.read.junction else spot._replace(radius_m=max(spot.radius_m, PIN_M))
        if len(fitting) > 1:
            self.tell(
                "{one} and {other} meet at {count} places here",
                one=one.key,
                other=other.key,
                count=len(fitting),
            )
        elif spots:
            self.tell(
                "{one} and {other} do not meet in the stated area", one=one.key, other=other.key
            )
        else:
            self.tell("{one} and {other} do not meet here", one=one.key, other=other.key)
        return None

    def _landmark(
        self, name: ReadName, road: NamedThing | None, house: Candidate | None
    ) -> Candidate | None:
        if not name.known:
            if not name.sorts & {Sort.COMMUNITY}:
                self.tell("{name} is not known here", name=name.key)
            return None
        if name.sorts <= {Sort.VILLAGE, Sort.COMMUNITY, *AREAS}:
            return None
        has_exit = bool(self.read.exit) and Sort.STATION in name.sorts
        group = self._one(name, (Sort.STATION,) if has_exit else (Sort.LANDMARK, Sort.STATION))
        if group is None:
            return self._chain(name, house) if Sort.CHAIN in name.sorts else None
        if road is not None and apart_m(group.shape, road.shape) > _ON_ROAD_M + group.reach_m:
            self.tell("{name} does not stand on {road}", name=group.name, road=road.name)
            self.clashing = True
            return None
        if group.sort is Sort.STATION and self.read.exit:
            return self._exit(group)
        return spot_of(Rung.PLACE, group.name, group.shape, group.reach_m, LEAST_M[Rung.PLACE])

    def _chain(self, name: ReadName, house: Candidate | None) -> Candidate | None:
        """One of many of its name, if it stands where the house number is."""
        if house is None:
            self.tell("{name} is one of many; a house number would say which", name=name.key)
            return None
        near = [
            group
            for group in self.book.groups(name.key, Sort.CHAIN)
            if apart_m(group.shape, house.point) <= house.radius_m
        ]
        if len(near) != 1:
            return None
        return spot_of(
            Rung.PLACE, near[0].name, near[0].shape, near[0].reach_m, LEAST_M[Rung.PLACE]
        )

    def _exit(self, station: NamedThing) -> Candidate:
        """The exit that is named, or somewhere at its station."""
        every = [
            each
            for name in {entry.name for entry in station.entries}
            for each in self.book.belonging(name, Sort.ENTRANCE)
            if apart_m(each.shape, station.shape) <= 2 * station.reach_m
        ]
        wanted = self.read.exit
        same = [each for each in every if name_letters(each.name) == wanted] or [
            each for each in every if name_letters(each.name).rstrip("0123456789") == wanted
        ]
        name = f"{station.name} {wanted.upper()}口"
        if not same:
            self.tell(
                "exit {exit} of {station} is not known here",
                exit=wanted.upper(),
                station=station.name,
            )
            beside = spot_of(Rung.LANDMARK, station.name, station.shape, station.reach_m, PIN_M)
            return beside._replace(radius_m=beside.radius_m + _BESIDE_M)
        shape = shapely.union_all([each.shape for each in same])
        return spot_of(Rung.PLACE, name, shape, CORNER_M, LEAST_M[Rung.PLACE])

    def _from(self, spot: Candidate, roads: Sequence[ReadName]) -> Candidate:
        """So far from a candidate as the address says."""
        read = self.read
        if read.where is Where.AT:
            return spot
        if read.bearing is not None and read.distance_m:
            return self._moved(spot, read.bearing, read.distance_m, roads)
        away_m = _BESIDE_M if read.where is Where.BESIDE else _NEAR_M
        if read.distance_m:
            away_m = read.distance_m * (1 + _DISTANCE_SHARE)
        least_m = LEAST_M[Rung.LANDMARK]
        return spot._replace(rung=Rung.LANDMARK, radius_m=max(least_m, spot.radius_m + away_m))

    def _moved(
        self, spot: Candidate, bearing: float, distance_m: float, roads: Sequence[ReadName]
    ) -> Candidate:
        """Along one of the named roads where one leads that way, else straight."""
        plane = Plane(spot.point.x, spot.point.y)
        turn = math.radians(bearing)
        straight = shapely.Point(distance_m * math.sin(turn), distance_m * math.cos(turn))
        ring = shapely.Point(0, 0).buffer(distance_m, quad_segs=32).exterior
        lines = [
            plane.to_metres(group.shape)
            for road in roads
            for group in self.book.groups(road.key, Sort.ROAD)
            if apart_m(group.shape, spot.point) <= spot.radius_m
        ]
        crossings = [
            point
            for line in lines
            for point in shapely.get_parts(shapely.intersection(line, ring))
            if point.geom_type == "Point" and turned(point, bearing) <= _MOST_TURN
        ]
        way = min(crossings, key=lambda point: turned(point, bearing), default=None)
        share = _BEARING_SHARE if way is None else _DISTANCE_SHARE
        point = plane.to_degrees(straight if way is None else shapely.Point(way.x, way.y))
        radius_m = spot.radius_m + CORNER_M + share * distance_m
        return Candidate(Rung.LANDMARK, spot.name, point, max(LEAST_M[Rung.LANDMARK], radius_m))

    def _coarse(self) -> Candidate | None:
        """Of a road, a community or a street office, the finest; of what clashes the last."""
        wanted = () if self.clashing else (self._along(), self._settlement())
        found = [spot for spot in wanted if spot]
        office = self._office()
        if office is not None:
            found = [spot for spot in found if spot.radius_m < office.radius_m] or [office]
        return min(found, key=lambda spot: spot.radius_m, default=None)

    def _along(self) -> Candidate | None:
        """The part of a road that lies in the stated areas."""
        found = []
        for name in self.read.roads[:2]:
            group = self._one(name, (Sort.ROAD,)) if name.known else None
            if group is None:
                continue
            plane = Plane.at(group.shape)
            line = plane.to_metres(self._clipped(group.shape))
            if line.is_empty:
                continue
            if self._goes_on(plane.to_degrees(line)):
                self.tell("{road} goes on beyond what is known here", road=group.name)
                continue
            middle = shapely.ops.nearest_points(line, line.envelope.centroid)[0]
            radius_m = farthest_m(middle, line) + _SETBACK_M + (self.read.distance_m or 0.0)
            found.append(
                Candidate(
                    Rung.ROAD,
                    group.name,
                    plane.to_degrees(middle),
                    max(radius_m, LEAST_M[Rung.ROAD]),
                )
            )
        return min(found, key=lambda spot: spot.radius_m, default=None)

    def _clipped(self, shape: BaseGeometry) -> BaseGeometry:
        for _, entries in self.limits:
            outlines = [entry for entry in entries if entry.is_outline]
            if outlines and all(entry.reach_m == 0.0 for entry in outlines):
                plane = Plane.at(shape)
                ground = shapely.union_all([plane.to_metres(entry.shape) for entry in outlines])
                inside = plane.to_metres(shape).intersection(ground.buffer(_OUTLINE_M))
                shape = plane.to_degrees(inside)
        return shape

    def _goes_on(self, shape: BaseGeometry) -> bool:
        edge = self.book.coverage
        if edge is None:
            return False
        return not edge.contains(shape) or apart_m(edge.boundary, shape) <= _EDGE_M

    def _settlement(self) -> Candidate | None:
        for name in reversed(self.read.landmarks):
            if name.sorts & {*AREAS}:
                continue
            if name.known and name.sorts & {Sort.VILLAGE, Sort.COMMUNITY}:
                group = self._one(name, (Sort.COMMUNITY, Sort.VILLAGE))
                if group is not None:
                    away_m = self.read.distance_m or 0.0
                    spot = spot_of(
                        Rung.COMMUNITY,
                        group.name,
                        group.shape,
                        group.reach_m,
                        LEAST_M[Rung.COMMUNITY],
                    )
                    return spot._replace(radius_m=spot.radius_m + away_m)
        return None

    def _office(self) -> Candidate | None:
        for area, entries in self.limits:
            mine = [e for e in entries if e.sort is Sort.STREET_OFFICE and e.is_outline]
            mine = [e for e in mine if self.outside(e.shape) is None]
            if len(mine) == 1:
                reach_m = max(mine[0].reach_m, _OUTLINE_M)
                return spot_of(
                    Rung.STREET_OFFICE,
                    area.key,
                    mine[0].shape,
                    reach_m,
                    LEAST_M[Rung.STREET_OFFICE],
                )
            if len(mine) > 1:
                self.tell(
                    "{name} is {count} places here; the address does not say which",
                    name=area.key,
                    count=len(mine),
                )
        return None

    def _answer(self, spot: Candidate | None) -> Found:
        if self.read.unread:
            self.tell("not read: {unread}", unread=[*self.read.unread])
        if spot is not None:
            for area in self._unchecked():
                self.tell("no outline of {area} is known, so it was not compared", area=area)
        told = tuple(self.told)
        district, street = self._called(Sort.DISTRICT), self._called(Sort.STREET_OFFICE)
        if spot is None:
            return Found(Rung.NOT_FOUND, evidence=told, district=district, street=street)
        radius_m = float(math.ceil(spot.radius_m / 10) * 10)
        lon, lat = round(spot.point.x, 6), round(spot.point.y, 6)
        return Found(spot.rung, spot.name, lon, lat, radius_m, told, district, street)

    def _called(self, sort: Sort) -> str:
        """The one area of a sort that is stated, by its name in the book."""
        names = {each.name for _, entries in self.limits for each in entries if each.sort is sort}
        return names.pop() if len(names) == 1 else ""


# --- clashes ---


def _clash(spots: Sequence[Candidate]) -> tuple[Candidate, Candidate] | None:
    """Two candidates that cannot both be right."""
    for at, one in enumerate(spots):
        for other in spots[at + 1 :]:
            if apart_m(one.point, other.point) > one.radius_m + other.radius_m + _NEAR_M:
                return one, other
    return None


def _apart(its: Sequence[BookEntry], others: Sequence[BookEntry]) -> float:
    """Metres between the nearest outlines; 0 where one of them has none."""
    ours, theirs = ([e.shape for e in each if e.is_outline] for each in (its, others))
    if not ours or not theirs:
        return 0.0
    return min(apart_m(one, other) for one in ours for other in theirs)


def _slack(entries: Sequence[BookEntry]) -> float:
    return max((entry.reach_m for entry in entries), default=0.0)
