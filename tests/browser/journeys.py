"""Thirty journeys of a rider, each to what is seen or tapped at its end, and for each a change to
what is served that takes its feature out: with it the journey must fail.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Geolocation, Locator, Page, Route, expect

#: 白石洲, as the address of the page has a point that was searched for.
NEAR: Final = "near=113.9645,22.5405&near_name=%E7%99%BD%E7%9F%B3%E6%B4%B2"
SCREENS: Final = ((320, 568), (360, 616), (412, 915), (740, 360), (1280, 800))
LANGUAGES: Final = ("zh-CN", "en-GB")
THEMES: Final = ("light", "dark")
POSITIONS: Final = ("granted", "coarse", "refused")
ACCURACY_M: Final = {"granted": 35, "coarse": 3_000}


class Combination(NamedTuple):
    """How a phone is set."""

    screen: tuple[int, int]
    language: str
    theme: str
    position: str

    @property
    def is_narrow(self) -> bool:
        """Whether the page shows the list or the map, not both."""
        return self.screen[0] < 600


COMBINATIONS: Final = tuple(
    Combination(*each) for each in product(SCREENS, LANGUAGES, THEMES, POSITIONS)
)


class Mutation(NamedTuple):
    """A change to a reply whose path ends so: a text that must stand in it, and what stands there
    instead, `times` times (-1: wherever it stands).
    """

    path: str
    old: str
    new: str
    times: int = -1

    def on(self, page: Page) -> None:
        """Let it be served to a page."""

        def changed(route: Route) -> None:
            reply = route.fetch()
            text = reply.text()
            if self.old in text:
                text = text.replace(self.old, self.new, self.times)
                self.served.append(self.path)
            route.fulfill(response=reply, body=text)

        page.route(lambda url: urlsplit(url).path.endswith(self.path), changed)

    @property
    def served(self) -> list[str]:
        """Which replies were changed so far in this process."""
        return _SERVED.setdefault(self, [])


_SERVED: Final[dict[Mutation, list[str]]] = {}


@dataclass(frozen=True, slots=True)
class Rider:
    """Somebody with a phone, looking at the page."""

    page: Page
    site: str
    phone: Combination
    patience_ms: float

    def sees(self, what: str | Locator, text: str = "") -> Locator:
        """Wait for it to stand in sight, holding what matches a text."""
        found = (self.page.locator(what) if isinstance(what, str) else what).first
        expect(found).to_be_visible(timeout=self.patience_ms)
        if text:
            expect(found).to_have_text(re.compile(text), timeout=self.patience_ms)
        return found

    def sees_no(self, what: str) -> None:
        """Wait for it to be out of sight."""
        expect(self.page.locator(what).first).to_be_hidden(timeout=self.patience_ms)

    def taps(self, what: str | Locator, text: str = "") -> None:
        """Tap what is in sight."""
        self.sees(what, text).click(timeout=self.patience_ms)

    def is_at(self, address: str) -> None:
        """Wait for the page's address to hold what matches a text."""
        expect(self.page).to_have_url(re.compile(address), timeout=self.patience_ms)

    def opens(self, path: str = "/") -> None:
        """Open a page with a list; who shares no position has searched for 白石洲."""
        if self.phone.position == "refused":
            path += ("&" if "?" in path else "?") + NEAR
        self.page.goto(self.site + path)

    def lists(self, path: str = "/") -> None:
        """Open a page and wait for its list."""
        self.opens(path)
        self.sees("#list .card[data-id]")

    def goes_to_the_map(self) -> None:
        """Where the map is not in sight beside the list."""
        if self.phone.is_narrow:
            self.taps("#flip")
        self.sees("#map .pin.hit:visible")

    def searches(self, typed: str, first: str) -> None:
        """Type a text and choose the first that is found."""
        self.page.locator("#q").fill(typed, timeout=self.patience_ms)
        self.taps("#found button", first)

    def says(self, chinese: str, english: str) -> str:
        """A word in the language of the page."""
        return english if self.phone.language.startswith("en") else chinese


def first_list(rider: Rider) -> None:
    rider.lists()
    rider.sees("#list .card .far b", r"\d")


def unknown_hours_apart(rider: Rider) -> None:
    rider.lists()
    rider.sees("#list .part h2", rider.says("时间未知", "call first"))


def water(rider: Rider) -> None:
    rider.lists()
    rider.taps("[data-need=water]")
    rider.is_at("needs=water")
    rider.sees("#list .has .asked", rider.says("饮用水|直饮|热水", "[Ww]ater"))


def e_bike_power(rider: Rider) -> None:
    rider.lists()
    rider.taps("[data-need=recharge]")
    rider.taps("#powers [data-key=servicesebike_charge]")
    rider.is_at("services=ebike_charge")
    rider.sees("#powers [data-key=servicesebike_charge][aria-pressed=true]")


def learning(rider: Rider) -> None:
    rider.lists()
    rider.taps("[data-need=learn]")
    rider.is_at("needs=learn")


def on_foot(rider: Rider) -> None:
    rider.lists()
    rider.taps("#modes [value=walk]")
    rider.sees("#modes [value=walk][aria-pressed=true]")
    rider.lists()
    rider.sees("#modes [value=walk][aria-pressed=true]")


def navigation_of_made_up_places(rider: Rider) -> None:
    rider.lists()
    rider.taps("#list .card .round.go")
    rider.sees("#nowhere p", rider.says("演示", "Demo"))
    rider.taps("#go-back")
    rider.sees_no("#nowhere")


def the_door_first(rider: Rider) -> None:
    rider.lists()
    rider.taps("#list .card h2 button")
    rider.sees("#sheet dl dt", rider.says("怎么进门", "How to get in"))


def back_closes_the_sheet(rider: Rider) -> None:
    rider.lists()
    rider.taps("#list .card h2 button")
    rider.sees("#sheet h2")
    rider.page.go_back()
    rider.sees_no("#sheet")
    rider.sees("#list .card[data-id]")


def pins_of_the_list(rider: Rider) -> None:
    rider.lists()
    rider.goes_to_the_map()
    rider.sees("#map .pin.hit:visible", r"\d")


def a_pin_opens_its_place(rider: Rider) -> None:
    rider.lists()
    rider.goes_to_the_map()
    rider.page.locator("#map .pin.hit:visible").first.dispatch_event("click")
    rider.sees("#sheet h2")
    rider.is_at("place=")


def the_last_view(rider: Rider) -> None:
    rider.lists()
    rider.goes_to_the_map()
    rider.opens()
    rider.sees("body[data-view=map] #map .pin.hit:visible")


def search_by_name(rider: Rider) -> None:
    rider.lists()
    rider.searches("红树林", "红树林|Mangrove")
    rider.sees("#status", "红树林|Mangrove")
    rider.sees("#list .card[data-id]")


def search_for_a_junction(rider: Rider) -> None:
    rider.lists()
    rider.searches("沙河东路与深南大道交叉口", rider.says("路口", "Junction"))
    rider.is_at("near=113.95")
    rider.sees("#list .card[data-id]")


def recent_searches(rider: Rider) -> None:
    rider.lists()
    rider.searches("红树林", "红树林|Mangrove")
    rider.sees("#status", "红树林|Mangrove")
    rider.lists()
    rider.page.locator("#q").fill("", timeout=rider.patience_ms)
    rider.page.locator("#q").focus()
    rider.sees("#found button", "红树林|Mangrove")


def a_searched_point_is_shared(rider: Rider) -> None:
    rider.lists()
    rider.searches("红树林", "红树林|Mangrove")
    rider.is_at("near=113")
    rider.page.goto(rider.page.url)
    rider.sees("#status", "红树林|Mangrove")


def how_far(rider: Rider) -> None:
    rider.lists()
    rider.taps("#more-filters")
    rider.sees("dialog.drawer h2")
    rider.page.locator("dialog [name=reach_m][value='1000']").check(
        force=True, timeout=rider.patience_ms
    )
    rider.taps("dialog .foot-acts .main")
    rider.is_at("max_distance_m=1000")


def open_now(rider: Rider) -> None:
    rider.lists()
    rider.page.locator("#open").select_option("now", timeout=rider.patience_ms)
    rider.is_at("open=now")
    rider.sees("#list .card[data-id]")


def no_registering(rider: Rider) -> None:
    rider.lists()
    rider.taps("#chips [data-key=register]")
    rider.is_at("register=no")
    rider.sees("#chips [data-key=register][aria-pressed=true]")


def who_one_is(rider: Rider) -> None:
    rider.lists()
    rider.taps("#who")
    rider.taps("dialog .choices.wide button")
    rider.sees("#who[data-set=true]")
    rider.lists()
    rider.sees("#who[data-set=true]")


def a_favourite(rider: Rider) -> None:
    rider.lists()
    rider.taps("#list .card h2 button")
    name = rider.sees("#sheet h2").inner_text()
    rider.taps("#sheet .star")
    rider.sees("#sheet .star[aria-pressed=true]")
    rider.page.keyboard.press("Escape")
    rider.sees_no("#sheet")
    rider.taps("#who")
    rider.sees(rider.page.locator("dialog").get_by_text(name.split("（")[0].split(" (")[0]))


def nothing_near(rider: Rider) -> None:
    rider.opens("/?needs=talk&kinds=driver_home&max_distance_m=1000")
    rider.sees("#notice", r"\d(\.\d)? km")
    rider.taps("#notice .act")
    rider.sees("#list .card[data-id]")


def more_of_them(rider: Rider) -> None:
    rider.lists()
    few = rider.page.locator("#list .card[data-id]").count()
    rider.taps("#more > .act")
    rider.sees(rider.page.locator("#list .card[data-id]").nth(few + 1))


def the_other_language(rider: Rider) -> None:
    rider.lists("/?needs=water")
    rider.taps("#lang")
    rider.sees(f":root:lang({rider.says('en', 'zh')}) #list .card[data-id]")
    rider.is_at("needs=water")


def the_page_of_a_place(rider: Rider) -> None:
    rider.page.goto(f"{rider.site}/p/st-00001")
    rider.sees("h1")
    rider.sees(".week", r"\d|24")


def a_street_office(rider: Rider) -> None:
    rider.page.goto(f"{rider.site}/?street=440305003")
    rider.sees(".card .state.open, .card .state.closing_soon")
    rider.taps(".card h2 a, .card a")
    rider.is_at("/p/")


def refused(rider: Rider) -> None:
    rider.page.goto(rider.site)
    rider.taps("[data-need=water]")
    rider.sees("#notice", rider.says("位置", "location"))
    rider.taps("#notice a[href*='street=']")
    rider.sees(".offices a")


def a_coarse_position(rider: Rider) -> None:
    rider.lists()
    rider.sees("#status", rider.says("误差约 3", "off by 3"))


def back_to_oneself(rider: Rider) -> None:
    rider.lists()
    rider.goes_to_the_map()
    box = rider.page.locator("#map").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    for _ in range(4):
        rider.page.mouse.move(box["x"] + box["width"] * 0.8, y)
        rider.page.mouse.down()
        rider.page.mouse.move(box["x"] + box["width"] * 0.1, y, steps=4)
        rider.page.mouse.up()
    rider.taps(".homeward", r"\d")
    rider.sees_no(".homeward")


def the_map_by_keyboard(rider: Rider) -> None:
    rider.lists()
    rider.goes_to_the_map()
    before = rider.page.locator(".leaflet-proxy").get_attribute("style") or ""
    rider.page.locator("#map").focus()
    rider.page.keyboard.press("-")
    expect(rider.page.locator(".leaflet-proxy")).not_to_have_attribute(
        "style", before, timeout=rider.patience_ms
    )


@dataclass(frozen=True, slots=True)
class Journey:
    """What a rider does, and what takes its feature out."""

    do: Callable[[Rider], None]
    mutation: Mutation
    position: str = ""
    """With this one alone; empty: with any."""
    narrow: bool = False
    """Only where the page shows the list or the map."""

    @property
    def name(self) -> str:
        """In words."""
        return self.do.__name__.replace("_", " ")

    def combinations(self) -> list[Combination]:
        """The phones that it is made on."""
        return [
            one
            for one in COMBINATIONS
            if self.position in ("", one.position) and (one.is_narrow or not self.narrow)
        ]


MAIN, BESIDE, MAP, PAGE = "js/main.js", "js/beside.js", "js/map/map.js", "/"
JOURNEYS: Final = (
    Journey(first_list, Mutation(MAIN, '"far"', '"off"')),
    Journey(unknown_hours_apart, Mutation(MAIN, '"part ', '"')),
    Journey(water, Mutation(MAIN, "dataset.need", "dataset.none")),
    Journey(e_bike_power, Mutation(MAIN, '"ebike_charge"', '"toilet"')),
    Journey(learning, Mutation(PAGE, 'data-need="learn"', "")),
    Journey(on_foot, Mutation(PAGE, 'value="walk"', 'value=""')),
    Journey(navigation_of_made_up_places, Mutation(PAGE, 'id="nowhere"', "")),
    Journey(the_door_first, Mutation(BESIDE, '"dt"', '"dd"')),
    Journey(back_closes_the_sheet, Mutation(BESIDE, '"popstate"', '"popped"')),
    Journey(pins_of_the_list, Mutation(MAP, "divIcon", "noIcon")),
    Journey(a_pin_opens_its_place, Mutation("leaflet.js", "click", "clack")),
    Journey(the_last_view, Mutation(MAIN, '"view"', '"sight"', 1), narrow=True),
    Journey(search_by_name, Mutation(MAIN, "/api/v1/search", "/api/v1/seek")),
    Journey(search_for_a_junction, Mutation("/api/v1/search", '"junction"', '"road"')),
    Journey(recent_searches, Mutation(BESIDE, "slice(0,6)", "slice(0,0)")),
    Journey(a_searched_point_is_shared, Mutation(MAIN, "near_name", "near_by", 1)),
    Journey(how_far, Mutation(BESIDE, '"reach_m"', '"reach"')),
    Journey(open_now, Mutation(PAGE, 'value="now"', 'value="later"')),
    Journey(no_registering, Mutation(MAIN, '"register"', '"enlist"')),
    Journey(who_one_is, Mutation(BESIDE, "choices wide", "choices")),
    Journey(a_favourite, Mutation(BESIDE, "star", "moon")),
    Journey(nothing_near, Mutation(MAIN, '"notice"', '"notes"')),
    Journey(more_of_them, Mutation(MAIN, '"more"', '"less"')),
    Journey(the_other_language, Mutation(MAIN, "hreflang", "rel")),
    Journey(the_page_of_a_place, Mutation("/p/st-00001", 'class="week"', 'class="unseen"')),
    Journey(a_street_office, Mutation(PAGE, 'href="/p/', 'href="/q/')),
    Journey(refused, Mutation(MAIN, "/?street=", "/?road="), position="refused"),
    Journey(a_coarse_position, Mutation(MAIN, "accuracy_m", "accuracy", 1), position="coarse"),
    Journey(back_to_oneself, Mutation(MAP, '"homeward"', '"unseen"')),
    Journey(the_map_by_keyboard, Mutation("leaflet.js", "keydown", "keyless")),
)


def rotating() -> Iterator[tuple[Journey, Combination]]:
    """Each journey on one phone, so that all screens, languages, themes and positions have their
    turn.
    """
    for number, journey in enumerate(JOURNEYS):
        phones = journey.combinations()
        yield journey, phones[(7 * number + 3) % len(phones)]


def phone_of(one: Combination, here: Geolocation) -> dict[str, Any]:
    """What a browser is told of the phone."""
    width, height = one.screen
    told: dict[str, Any] = {
        "viewport": {"width": width, "height": height},
        "locale": one.language,
        "color_scheme": one.theme,
        "service_workers": "block",
    }
    if one.position in ACCURACY_M:
        told["geolocation"] = {**here, "accuracy": ACCURACY_M[one.position]}
        told["permissions"] = ["geolocation"]
    return told
