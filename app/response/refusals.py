"""Why a post of voice is refused; problems.py says it."""

from geodata.errors import NuanfengError


class Wait(NuanfengError):
    """A refusal that passes by itself; `retry_after_s` says when."""

    def __init__(self, message: str, retry_after_s: int, **values: object) -> None:
        super().__init__(message, **values)
        self.retry_after_s = retry_after_s


class Spent(Wait):
    """A network, or all together about one place, posted as often as an hour allows."""

    def __init__(self, most: int, retry_after_s: int) -> None:
        super().__init__(
            "{most} of these are taken within an hour; try again in {seconds} s.",
            retry_after_s,
            most=most,
            seconds=retry_after_s,
        )


class Hot(Wait):
    """A place of which much is said at this hour: the next report needs a proof of work."""

    def __init__(self, challenge: str, bits: int, expires: str, retry_after_s: int) -> None:
        super().__init__(
            "Much is said of this place at the moment: send the report again with a proof of work"
            " for this challenge.",
            retry_after_s,
        )
        self.challenge, self.bits, self.expires = challenge, bits, expires


class KeyReused(NuanfengError):
    """An Idempotency-Key that something else was posted under."""

    def __init__(self) -> None:
        super().__init__(
            "Something else was sent under this Idempotency-Key; send each thing under a new one."
        )


class CrossSite(NuanfengError):
    """A post that another site's page sent, or of which nobody says who sent it."""

    def __init__(self) -> None:
        super().__init__(
            "This is taken from our own pages only: Sec-Fetch-Site must be same-origin or none, or"
            " Origin this server's own."
        )


class NoSuchLetter(NuanfengError):
    """A receipt that is no letter's."""

    def __init__(self) -> None:
        super().__init__("No letter has this receipt. Look at every character, and try again.")


class NotNow(NuanfengError):
    """Something that may not happen to a letter as it stands."""

    def __init__(self) -> None:
        super().__init__(
            "That cannot be said of this letter any more, or not yet: open it again and see how it"
            " stands."
        )


class TakesNoLetters(NuanfengError):
    """Nobody is there who would answer a letter."""

    def __init__(self) -> None:
        super().__init__("Nobody answers letters here yet, so none are taken.")


class NoSuchReport(NuanfengError):
    """A report that there is not, or that was sent under another key."""


class TooLate(NuanfengError):
    """What can no longer be taken back."""


class DeskRefusal(NuanfengError):
    """Something that an operator may not do as things stand, and why."""


class NotSignedIn(NuanfengError):
    """A form of the desk that was sent after its session had ended."""

    def __init__(self) -> None:
        super().__init__(
            "You are not signed in any more, and nothing was changed. Sign in in another tab, go"
            " back to this page and send it again."
        )


class NotYours(NuanfengError):
    """A page of the desk that a role does not have."""

    def __init__(self) -> None:
        super().__init__("Your account may not do this. Ask an admin for another role.")


class OldForm(NuanfengError):
    """A form without the token of its session."""

    def __init__(self) -> None:
        super().__init__(
            "This form is of an older session, and nothing was changed. Load the page again, and"
            " send it once more."
        )


class NoSuchThing(NuanfengError):
    """Something that is not there, or that lies outside of an operator's part of the city."""

    def __init__(self) -> None:
        super().__init__("There is nothing of this name in your part of the city.")


class OnlyHttps(NuanfengError):
    """The desk, asked over plain http from another machine."""

    def __init__(self) -> None:
        super().__init__(
            "The desk is used over https only; over http it answers this machine alone. Behind a"
            " proxy set NUANFENG_TRUSTED_PROXIES."
        )


class SignInFailed(NuanfengError):
    """A sign-in that failed, for whatever reason."""

    def __init__(self) -> None:
        super().__init__(
            "That did not work. Name, password and code are looked at together; after ten failed"
            " tries an account waits for up to an hour."
        )


class NoSuchEntry(NuanfengError):
    """An entry of the directory that there is not, or not any more."""

    def __init__(self) -> None:
        super().__init__("There is no such entry, or it has ended.")


class FormerDirectory(NuanfengError):
    """A revision of the directory that does not hold any more."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            "The directory is at revision {revision} by now; ask for that.", revision=revision
        )


class EndedWishes(NuanfengError):
    """Wishes that have ended, which nobody can keep for later."""

    def __init__(self) -> None:
        super().__init__("These wishes have ended; those that come from now on begin anew.")


class NoSuchNotice(NuanfengError):
    """A notice that there is not."""

    def __init__(self, notice: str) -> None:
        super().__init__("There is no notice “{notice}”.", notice=notice[:40])


class NoticeEnded(NuanfengError):
    """A notice that was cancelled: nothing follows."""

    def __init__(self, notice: str) -> None:
        super().__init__(
            "Notice {notice} was cancelled; publish a new one instead.", notice=notice[:40]
        )


class NoticeMoved(NuanfengError):
    """A version of a notice that another took the place of meanwhile."""

    def __init__(self, version: str, latest: str) -> None:
        super().__init__(
            "Version {version} is no longer the latest: {latest} took its place. Look at it, and"
            " refer to it.",
            version=version[:40],
            latest=latest,
        )


class NoticesGone(NuanfengError):
    """A revision of the notices that is no longer served."""

    def __init__(self, revision: str, current: str) -> None:
        super().__init__(
            "Revision {revision} of the notices is no longer served; the current one is {current}.",
            revision=revision[:16],
            current=current,
        )
