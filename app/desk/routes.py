"""All views of the desk, one family a line."""

from flask import Blueprint

from app.desk import (
    account_pages,
    audit_page,
    board,
    entry_pages,
    home,
    letter_pages,
    notice_pages,
    own_account,
    photo_pages,
    pin_pages,
    places,
    report_pages,
    rounds,
    sign_in,
    single_sign_on,
    tables,
    template_pages,
    wish_pages,
)
from app.desk.desk import Desk
from app.desk.provider import SsoProvider
from app.desk.views import Views
from app.live.current import Live
from app.settings import Settings
from app.voice.letter_routes import LetterBox
from app.voice.live_voice import LiveVoice


def blueprint(live: Live, box: LetterBox, said: LiveVoice, chosen: Settings) -> Blueprint:
    """The desk of a dataset."""
    provider = SsoProvider(*chosen.sso) if chosen.sso else None
    views = Views(Desk(live, box, said, chosen.home, provider, chosen.map_approval))
    sign_in.add(views)
    single_sign_on.add(views)
    home.add(views)
    own_account.add(views)
    tables.add(views)
    places.add(views)
    photo_pages.add(views)
    pin_pages.add(views)
    letter_pages.add(views)
    template_pages.add(views)
    report_pages.add(views)
    notice_pages.add(views)
    entry_pages.add(views)
    wish_pages.add(views)
    board.add(views)
    rounds.add(views)
    account_pages.add(views)
    audit_page.add(views)
    return views.blueprint
