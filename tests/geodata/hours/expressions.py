"""Opening hours as they are written in the world, made up by us: every form of the specification,
and spellings that mean one thing only.
"""

import random
from typing import Final

#: By form; all of them are read.
CORE: Final = {
    "round the clock": [
        "24/7", "24/7; Dec 25 off", "24/7; PH off", "24/7; We 08:00-10:00 off", "24/7 open",
        '24/7 open "ring the bell"', "Mo-Su 00:00-24:00", "00:00-24:00; Jan 01 off",
    ],
    "weekdays": [
        "Mo-Fr 09:00-18:00", "Mo,We,Fr 07:00-19:30", "Sa,Su 10:00-18:00", "Fr-Mo 10:00-14:00",
        "Su-Sa 10:00-11:00", "Mo-Fr 09:00-12:00,14:00-18:00", "Mo-Fr 09:00-12:00, 14:00-18:00",
        "Mo-Fr 09:00-18:00; Sa 10:00-14:00", "Mo-Fr 09:00-18:00, Sa 10:00-14:00",
        "Mo-Sa 06:30-21:15; Su off", "Mo-Su 08:00-20:00; We 13:00-20:00",
        "Tu-Th,Sa 11:00-15:00; Fr 11:00-22:00", "Mo 10:00-11:00, Mo 12:00-13:00",
        "Mo-We 08:00-12:00; Tu 14:00-16:00, Tu 18:00-20:00", "Mo-Fr 09:00-18:00; We off",
        "Mo-Fr open", "Mo-Fr open; Sa 10:00-12:00", "Mo-Fr closed; Sa open", "off", "closed",
    ],
    "overnight": [
        "22:00-06:00", "Fr,Sa 20:00-04:00", "Mo-Su 18:00-02:00", "Mo-Fr 22:00-30:00",
        "Fr 20:00-24:00", "Mo-Th 10:00-24:00; Fr,Sa 10:00-26:00", "20:00-00:00",
        "Mo-Su 11:00-14:00,17:00-01:30", "Sa 12:00-36:00", "Mo-Fr 22:00-06:00; Sa off",
        "Mo-Th 20:00-02:00; Fr,Sa 20:00-04:00", "22:00-06:00; PH off", "Fr 20:00-04:00; Oct 31 off",
        "Mo-Th 18:00-01:00, Fr,Sa 18:00-03:00", "Jun-Aug 20:00-04:00; Sep-May 20:00-02:00",
        "Mo-Su 18:00-02:00; We off; PH 20:00-23:00",
    ],
    "holidays": [
        "Mo-Fr 09:00-18:00; PH off", "Mo-Fr,PH 09:00-18:00", "Mo-Su,PH 09:00-18:00",
        "PH,Su 10:00-14:00", "PH 10:00-12:00", "Mo-Fr 09:00-18:00; PH,Su off",
        "Mo-Sa 08:00-20:00; Su,PH 10:00-18:00", "Mo-Fr 09:00-18:00, PH 10:00-16:00",
        "Mo-Fr 09:00-18:00, PH off", "24/7; PH 08:00-12:00", "Mo-Fr 09:00-18:00; PH unknown",
        "PH off", "10:00-18:00; PH -1 day 10:00-14:00", "PH -1 day off; PH off",
        "Mo-Su 10:00-20:00; PH +1 day off", "Sa,PH -1 day 09:00-13:00",
        "Mo-Fr 09:00-18:00; PH -1 day 09:00-12:00; PH off",
    ],
    "school holidays": [
        "SH 10:00-12:00", "Mo-Fr 14:00-18:00; SH 10:00-18:00", "Mo-Fr 09:00-17:00; SH off",
        "Mo-Fr,SH 09:00-17:00", "PH,SH off", "Mo-Fr 09:00-12:00; SH Mo-Fr 09:00-15:00",
        "SH Mo-We 10:00-16:00", "Mo-Sa 10:00-18:00; SH,PH off",
    ],
    "months": [
        "Jun-Sep 08:00-20:00", "Jun-Sep Mo-Fr 08:00-20:00; Oct-May Mo-Fr 09:00-18:00",
        "Nov-Feb 10:00-16:00; Mar-Oct 09:00-19:00", "Apr,Jul,Oct 10:00-12:00",
        "Jan-Mar,Oct-Dec Sa 10:00-12:00", "10:00-18:00; Aug off", "Feb Mo-Fr 09:00-10:00",
        "Mo-Fr 09:00-18:00; Jul-Aug Mo-Fr 08:00-14:00", "May-Aug 06:00-22:00; Su off",
        "Dec-Feb off; Mar-Nov Mo-Sa 10:00-17:00", "Jan 10:00-12:00, Feb 14:00-16:00",
    ],
    "dates": [
        "Dec 25 off; 10:00-18:00", "10:00-18:00; Dec 25 off", "10:00-18:00; Dec 24,25 off",
        "10:00-18:00; Dec 24-26 off", "10:00-18:00; Dec 24-Jan 02 off", "Apr 10-Oct 20 08:00-20:00",
        "Mar 15-Apr 15,Sep 15-Oct 15 Mo-Fr 10:00-12:00", "Feb 29 10:00-12:00",
        "Feb 20-Mar 05 10:00-12:00", "Mo-Fr 09:00-18:00; Oct 01-07 10:00-12:00",
        "Nov 15-Mar 15 We 10:00-12:00; Apr 01 off", "Jan 1-31 10:00-12:00",
        "May 1 off; 09:00-12:00",
        "10:00-18:00; Dec 24 10:00-14:00; Dec 25-26 off; Dec 31 10:00-14:00",
    ],
    "years": [
        "2025 10:00-12:00", "2025-2026 Mo-Fr 10:00-12:00", "2026+ Sa 10:00-14:00",
        "2025-2031/2 10:00-12:00", "2025 Oct 01-08 10:00-16:00", "2026 Oct 01-2026 Oct 08 off",
        "10:00-18:00; 2025 Dec 24-2026 Jan 02 off", "2025 Mar-Aug Tu 10:00-12:00",
        "Mo-Fr 09:00-18:00; 2026 Mar 02-13 off", "2025 Jun-2026 Feb 08:00-10:00",
        "10:00-18:00; 2026 Jan 26 12:00-14:00", "2026 Dec 24-2027 Jan 02 10:00-12:00",
        "2025,2027 Mo 10:00-12:00", "Mo-Fr 09:00-18:00; 2026 Feb 17 off; 2026 Feb 18 10:00-12:00",
        "2026 Mo-Sa 08:00-20:00; 2025 Mo-Fr 09:00-17:00",
    ],
    "weeks": [
        "week 1-53/2 Mo-Fr 09:00-12:00", "week 2-53/2 Sa 10:00-14:00", "week 10-20 10:00-12:00",
        "week 10 off; 10:00-12:00", "10:00-12:00; week 30-33 off", "week 5,10,15 We 10:00-12:00",
        "week 1-26 Mo 08:00-10:00; week 27-53 Mo 10:00-12:00", "week 53 10:00-12:00",
        "week 1 Mo-Fr 09:00-10:00", "week 40-52/4 Th 18:00-20:00",
        "Mo-Fr 09:00-18:00; week 29-31 Mo-Fr 09:00-13:00", "week 1-10,20-30 Fr 10:00-12:00",
        "week 1-53/2 Tu 09:00-12:00; week 2-53/2 Tu 14:00-17:00",
    ],
    "nth weekdays": [
        "Mo[1] 10:00-12:00", "Su[-1] 14:00-17:00", "Sa[2],Sa[4] 09:00-12:00", "We[1,3] 16:00-18:00",
        "Th[1-2] 10:00-11:00", "Fr[5] 10:00-12:00", "Tu[-2] 10:00-12:00",
        "Mo-Fr 09:00-17:00; Mo[1] off",
        "Mo-Fr 10:00-18:00; Sa[1] 10:00-14:00", "Jan Su[1] 10:00-12:00",
        "Mar-Oct Sa[1] 10:00-16:00",
        "We[1] -1 day 10:00-12:00", "Su[2] +1 day 18:00-20:00", "Fr[-1] 18:00-22:00; Dec off",
        "Sa[1] 10:00-12:00, Su[1] 14:00-16:00", "Mo,We[2] 10:00-12:00", "2026 Tu[1] 10:00-11:00",
        "Mo-Su 12:00-18:00; Mo[-1],Tu[-1] off", "Feb Su[-1] 10:00-12:00",
    ],
    "dates that move": [
        "easter 10:00-12:00", "10:00-18:00; easter off", "10:00-18:00; easter -2 days off",
        "Mo-Sa 09:00-18:00; easter +1 day off", "easter -2 days-easter +1 day 10:00-12:00",
        "easter-Oct 15 10:00-17:00", "Mar Su[-1]-Oct Su[-1] 08:00-20:00",
        "Oct Su[-1]-Mar Su[-1] 10:00-16:00", "2026 easter 10:00-12:00",
        "easter +39 days off; 08:00-20:00",
        "Mar Su[-1]-Oct Su[-1] Mo-Fr 07:00-21:00; Oct Su[-1]-Mar Su[-1] Mo-Fr 08:00-19:00",
    ],
    "the sun": [
        "sunrise-sunset", "Mo-Fr sunrise-sunset", "dawn-dusk", "(sunrise+01:00)-(sunset-00:30)",
        "08:00-sunset", "sunrise-18:00", "sunset-sunrise", "sunset-02:00", "10:00-(sunset+01:30)",
        "Jun-Aug sunrise-20:00; Sep-May 08:00-sunset", "Mo-Sa 09:00-dusk; Su off",
        "sunrise-12:00,14:00-sunset", "dusk-23:00",
    ],
    "comments": [
        '"by appointment"', 'Mo-Fr 09:00-18:00 "by appointment"',
        'Mo-Fr 09:00-18:00 open "side door"',
        'Mo-Fr 09:00-18:00; Sa "on request"', 'off "renovation"',
        'Mo-Fr 09:00-18:00; We off "market"',
        'PH off "closed for the holidays"; 10:00-12:00', 'Mo-Fr 09:00-12:00 unknown "call"',
        'Mo-Fr 09:00-12:00; Sa unknown "if sunny"', 'Mo 10:00-12:00 "members", Tu 10:00-12:00',
        'unknown "ask"', "unknown", "Mo-Fr unknown; Sa 09:00-12:00",
    ],
    "fallback": [
        "Mo-Fr 09:00-18:00 || unknown", 'Mo-Fr 09:00-18:00 || "by appointment"',
        'Mo-Fr 08:00-12:00 || Sa 10:00-12:00', "Mo-Fr 09:00-12:00 || Mo-Fr 08:00-20:00 unknown",
        'Mo-Fr 09:00-18:00; PH off || "call"', 'Mo-Fr 09:00-18:00 || "call"; PH off',
        "Mo-We 10:00-16:00 || Th-Fr 12:00-14:00 || unknown", "Sa 10:00-14:00 || 09:00-10:00",
        "Jun-Aug 10:00-18:00 || Sa,Su 12:00-16:00",
    ],
    "open end": [
        "17:00+", "Mo-Fr 08:00+", "Fr,Sa 22:00+", "17:00-19:00+", "Mo-Sa 10:00-14:00,18:00+",
        "Sa 10:00+; Su off", "sunset+", "We 09:00-12:00, We 19:00+", "Mo 18:00-22:00+",
    ],
    "parts of days closed or unknown": [
        "Mo-Fr 09:00-18:00; 12:00-13:00 off", "Mo-Fr 09:00-18:00; We 12:00-14:00 off",
        "Mo-Fr 09:00-18:00, We 12:00-14:00 off", "Mo-Fr 09:00-18:00, Tu 12:00-14:00 unknown",
        "Mo-Fr 09:00-18:00; Tu 12:00-14:00 unknown", "08:00-20:00; Mo-Fr 12:00-12:30 off",
        "24/7; Mo[1] 08:00-10:00 off", "Mo-Fr 09:00-18:00; Dec 24 14:00-18:00 off",
    ],
}  # fmt: skip

#: Spellings that the specification does not have, each with the one thing it means.
TOLERANT: Final = {
    "Mo-Fr 9-18": "Mo-Fr 09:00-18:00",
    "Mo-Fr 9:00-18:00": "Mo-Fr 09:00-18:00",
    "Mo-Fr 9:00 am - 5:00 pm": "Mo-Fr 09:00-17:00",
    "Mo-Fr 9am-5pm": "Mo-Fr 09:00-17:00",
    "Mo-Sa 12:00 pm-12:00 am": "Mo-Sa 12:00-24:00",
    "Mo-Fr 10 a.m. - 6 p.m.": "Mo-Fr 10:00-18:00",
    "9.00-18.00": "09:00-18:00",
    "Mon-Fri 09:00-18:00": "Mo-Fr 09:00-18:00",
    "Monday-Friday 09:00-18:00": "Mo-Fr 09:00-18:00",
    "mo-fr 09:00-18:00; sa OFF": "Mo-Fr 09:00-18:00; Sa off",
    "MO-FR 09:00-18:00": "Mo-Fr 09:00-18:00",
    "Ｍｏ－Ｆｒ　０９：００－１８：００": "Mo-Fr 09:00-18:00",
    "Mo–Fr 09:00–18:00": "Mo-Fr 09:00-18:00",
    "Mo—Fr 09:00 — 18:00": "Mo-Fr 09:00-18:00",
    "Mo - Fr 10:00 - 18:00": "Mo-Fr 10:00-18:00",
    "10:00-18:00 Uhr": "10:00-18:00",
    "Mo-Fr: 10:00-18:00 Uhr": "Mo-Fr 10:00-18:00",
    "Mo-Fr09:00-18:00": "Mo-Fr 09:00-18:00",
    "Mo-Fr 09:00-18:00;Sa 10:00-14:00": "Mo-Fr 09:00-18:00; Sa 10:00-14:00",
    "Mo-Fr 09:00-18:00 ;Sa 10:00-14:00 ;": "Mo-Fr 09:00-18:00; Sa 10:00-14:00",
    "Mo-Fr 09:00-18:00,Sa 10:00-14:00": "Mo-Fr 09:00-18:00; Sa 10:00-14:00",
    "Mo 09:00-12:00,We 12:00-14:00": "Mo 09:00-12:00; We 12:00-14:00",
    "Mo & We 09:00-12:00": "Mo,We 09:00-12:00",
    "Mo and We 09:00-12:00": "Mo,We 09:00-12:00",
    "Mo-Fr 08:00-12:00 & 13:00-17:00": "Mo-Fr 08:00-12:00,13:00-17:00",
    "Sat,Sun 10:00-16:00": "Sa,Su 10:00-16:00",
    "Mo.-Fr. 10:00-12:00": "Mo-Fr 10:00-12:00",
    "june-august 10:00-18:00": "Jun-Aug 10:00-18:00",
    "Sept-May 10:00-18:00": "Sep-May 10:00-18:00",
    "Jun–Aug: Mo-Fr 8.30-12.00": "Jun-Aug Mo-Fr 08:30-12:00",
    "Mo-Fr 24/7": "Mo-Fr 00:00-24:00",
    "Mo-Fr 9-12,14-18": "Mo-Fr 09:00-12:00,14:00-18:00",
    "Dec 24, Dec 25 off; 10:00-12:00": "Dec 24,Dec 25 off; 10:00-12:00",
    "mo-su 10:00-12:00; ph off": "Mo-Su 10:00-12:00; PH off",
    "Weeks 1-10 Mo 10:00-12:00": "week 1-10 Mo 10:00-12:00",
}

_DAYS: Final = (
    "Mo", "Tu-Th", "Mo-Fr", "Sa,Su", "Fr-Mo", "We,Fr", "Mo[1]", "Su[-1]", "Sa[2],Sa[4]", "Th[1-2]",
    "Fr[-1]", "Tu,We[3]",
)  # fmt: skip
_DATES: Final = (
    "Jun-Sep", "Nov-Feb", "Mar,Oct", "Feb", "Dec 24-26", "Dec 20-Jan 10", "2026 Mar 02-13",
    "2025 Dec-2026 Feb", "2026", "2025-2026 Jul", "week 1-53/2", "week 10-20", "week 30,35,40",
    "easter", "easter -2 days", "Mar Su[-1]-Oct Su[-1]", "May 1", "2025 Sep 28",
)  # fmt: skip
_TIMES: Final = (
    "09:00-18:00", "08:30-12:00,13:30-17:00", "22:00-06:00", "06:15-23:45", "00:00-24:00", "off",
    "18:00-02:00", "17:00+",
    "11:00-14:00+",
    "open", "unknown", '10:00-16:00 "ask"', '12:00-20:00 open "garden"',
    "sunrise-sunset", "(sunrise+00:30)-16:00", "10:00-12:00 unknown",
)  # fmt: skip


def random_expressions(seed: int, count: int) -> list[str]:
    """Expressions of one to four rules over all forms, the same for the same seed."""
    draw = random.Random(seed)  # noqa: S311  # no secret
    return [_expression(draw) for _ in range(count)]


def _expression(draw: random.Random) -> str:
    rules = [f"{draw.choice(_DAYS)} {draw.choice(_TIMES)}"]
    for _ in range(draw.randint(0, 3)):
        dates = draw.choice(_DATES) if draw.random() < 0.6 else ""
        days = draw.choice(_DAYS) if draw.random() < 0.5 or not dates else ""
        selectors = " ".join(filter(None, (dates, days)))
        if draw.random() < 0.15:
            selectors = draw.choice(("PH", "PH,Su", "SH", "PH -1 day", "Mo,PH"))
        joined = draw.choice(("; ", "; ", "; ", ", ", " || "))
        rules += [joined, f"{selectors} {draw.choice(_TIMES)}"]
    return "".join(rules)
