"""The first page of the desk: what waits, and where to go."""

from flask import Response

from app.desk import letter_pages, places, report_pages
from app.desk.page import page
from app.desk.roles import Verb
from app.desk.sign_in import role_texts
from app.desk.views import DeskRequest, ViewReach, Views
from app.voice.working_time import Urgency


def add(views: Views) -> None:
    """Add the first page."""

    @views.add("/desk/", Verb.SELF, ViewReach.OWN)
    def home(asked: DeskRequest) -> Response:
        waiting = [each for each in letter_pages.visible(asked) if each.waits(asked.now)]
        near = letter_pages.colours(asked, waiting)
        late = sum(near[each.due] is Urgency.LATE for each in waiting)
        with asked.desk.database.reading() as connection:
            edited = places.waits(asked, connection) if asked.may(Verb.EDIT) else []
        return page(
            asked,
            "home.html",
            edited=len(edited),
            roles=role_texts(asked),
            letters=len(waiting),
            late=late,
            reports=len(report_pages.visible(asked)),
        )
