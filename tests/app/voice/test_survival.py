"""How long things take is Kaplan and Meier's estimate, as scipy has it."""

import numpy as np
import pytest
from scipy import stats

from app.voice.survival import Quantile, quantiles, survival


def history(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Some that ended and some that wait, with ties, sometimes all of one kind."""
    chance = np.random.default_rng(seed)
    count = int(chance.integers(1, 60))
    durations = chance.exponential(10, count)
    if seed % 2:
        durations = np.round(durations)
    return durations, chance.random(count) < chance.choice([0.0, 0.3, 0.7, 1.0])


@pytest.mark.parametrize("hundred", range(10))
def test_the_estimate_is_that_of_scipy(hundred: int) -> None:
    for seed in range(100 * hundred, 100 * hundred + 100):
        durations, observed = history(seed)
        times, left = survival(durations, observed)
        if not observed.any():
            assert not len(times)
            continue
        sample = stats.CensoredData(uncensored=durations[observed], right=durations[~observed])
        theirs = stats.ecdf(sample).sf
        np.testing.assert_allclose(left, theirs.evaluate(times), atol=1e-12)
        moments = np.flatnonzero(theirs.probabilities < np.r_[1.0, theirs.probabilities[:-1]])
        np.testing.assert_array_equal(times, theirs.quantiles[moments])
        for share in (0.5, 0.9):
            reached = theirs.quantiles[theirs.probabilities <= 1 - share + 1e-12]
            (found,) = quantiles(durations, observed, (share,))
            expected = (
                Quantile(float(reached[0]), is_reached=True)
                if len(reached)
                else Quantile(float(durations.max()), is_reached=False)
            )
            assert found == expected


def test_who_waits_counts() -> None:
    """Nine answered within a day and ninety that wait for a month: the median is no day."""
    durations = np.array([1.0] * 9 + [31.0] * 90)
    observed = durations < 2
    assert quantiles(durations, observed, (0.5,)) == (Quantile(31.0, is_reached=False),)


def test_of_nothing_there_is_nothing_to_tell() -> None:
    assert quantiles(np.zeros(0), np.zeros(0, bool), (0.5, 0.9)) == (None, None)
