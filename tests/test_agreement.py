"""Agreement of raters: identities, published worked examples, statsmodels and scikit-learn."""

from fractions import Fraction
from itertools import combinations, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from annotations.agreement import (
    MISSING,
    alpha_of,
    cohen_kappa,
    coincidences,
    contingency,
    dice_of,
    fleiss_kappa,
    fleiss_of,
    kappa_of,
    krippendorff_alpha,
    over_records,
)
from imn.errors import InputError

N = 24
ratings_of = arrays(np.int64, (4, N), elements=st.integers(0, 2))
gappy = arrays(np.int64, (4, N), elements=st.integers(-1, 2))
binary = arrays(np.int64, (3, N), elements=st.integers(0, 1))
weights_of = arrays(float, N, elements=st.floats(0.1, 10))

# Krippendorff 2011, section C: four observers, twelve units, 1 to 5; 0 stands for no value
PUBLISHED = (
    np.array(
        [
            [1, 2, 3, 3, 2, 1, 4, 1, 2, 0, 0, 0],
            [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, 0, 3],
            [0, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, 0],
            [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, 0],
        ]
    )
    - 1
)
# Fleiss 1971, table 1: 30 patients, each named by 6 psychiatrists as 1 of 5
FLEISS = [
    "444444 222555 233335 555555 222444 113333 333355 113334 114444 555555",
    "144444 124444 222333 144444 224445 333335 111455 111112 224444 133555",
    "555555 244444 224555 114444 144445 222224 111155 224444 133333 555555",
]


def kappa_words(table):
    """Cohen's kappa straight from its definition."""
    p = table / table.sum()
    agreed, chance = np.trace(p), p.sum(axis=0) @ p.sum(axis=1)
    return (agreed - chance) / (1 - chance)


# identities


@settings(deadline=None)
@given(ratings=ratings_of, weights=weights_of)
def test_raters_that_say_the_same_agree_fully(ratings, weights):
    if len(set(ratings[0])) > 1:
        same = np.tile(ratings[0], (3, 1))
        assert cohen_kappa(*same[:2], weights=weights) == pytest.approx(1)
        assert fleiss_kappa(same, weights=weights) == pytest.approx(1)
        assert krippendorff_alpha(same, weights=weights) == pytest.approx(1)


@settings(deadline=None)
@given(ratings=gappy, seed=st.integers(0, 99), weights=weights_of)
def test_order_of_raters_units_and_categories_does_not_matter(ratings, seed, weights):
    rng = np.random.default_rng(seed)
    raters, units, names = rng.permutation(4), rng.permutation(N), np.append(rng.permutation(3), MISSING)
    one = krippendorff_alpha(ratings, weights=weights)
    assert krippendorff_alpha(ratings[raters][:, units], weights=weights[units]) == pytest.approx(
        one, nan_ok=True
    )
    assert krippendorff_alpha(names[ratings], weights=weights) == pytest.approx(one, nan_ok=True)
    kappa = cohen_kappa(ratings[0], ratings[1], weights=weights)
    assert cohen_kappa(ratings[1], ratings[0], weights=weights) == pytest.approx(kappa, nan_ok=True)
    assert cohen_kappa(*names[ratings[:2]], weights=weights) == pytest.approx(kappa, nan_ok=True)


@settings(deadline=None)
@given(ratings=ratings_of, weights=weights_of, factor=st.floats(1e-3, 1e3))
def test_the_unit_of_area_does_not_matter(ratings, weights, factor):
    for score in (lambda w: cohen_kappa(*ratings[:2], weights=w), lambda w: fleiss_kappa(ratings, weights=w)):
        assert score(weights * factor) == pytest.approx(score(weights), nan_ok=True)
    one = krippendorff_alpha(ratings, weights=weights)
    assert krippendorff_alpha(ratings, weights=weights * factor) == pytest.approx(one, nan_ok=True)


@settings(deadline=None)
@given(ratings=gappy, weight=st.floats(0.1, 10))
def test_equal_areas_give_the_plain_coefficients(ratings, weight):
    plain, even = krippendorff_alpha(ratings), krippendorff_alpha(ratings, weights=np.full(N, weight))
    assert even == pytest.approx(plain, nan_ok=True)


@settings(deadline=None)
@given(ratings=binary, copies=arrays(np.int64, N, elements=st.integers(1, 4)))
def test_a_unit_of_double_area_counts_as_two(ratings, copies):
    repeated = np.repeat(ratings, copies, axis=1)
    weighted = cohen_kappa(*ratings[:2], weights=copies)
    assert weighted == pytest.approx(cohen_kappa(*repeated[:2]), nan_ok=True)
    assert fleiss_kappa(ratings, weights=copies) == pytest.approx(fleiss_kappa(repeated), nan_ok=True)


@settings(deadline=None)
@given(ratings=gappy)
def test_units_with_one_value_have_no_part_in_alpha(ratings):
    lonely = np.full((4, 5), MISSING)
    lonely[1] = 2
    more = np.hstack([ratings, lonely])
    assert krippendorff_alpha(more) == pytest.approx(krippendorff_alpha(ratings), nan_ok=True)


@settings(deadline=None)
@given(ratings=ratings_of)
def test_alpha_of_complete_data_nears_fleiss_kappa_from_above(ratings):
    """Alpha is Fleiss' kappa corrected for few values: 1 - alpha = (1 - kappa)(n - 1)/n."""
    kappa, n = fleiss_kappa(ratings), ratings.size
    assert krippendorff_alpha(ratings) == pytest.approx(1 - (1 - kappa) * (n - 1) / n, nan_ok=True)


@settings(deadline=None)
@given(ratings=binary, weights=weights_of)
def test_dice_of_the_table_is_that_of_scikit_learn(ratings, weights):
    from sklearn.metrics import f1_score

    dice = dice_of(contingency(*ratings[:2], weights=weights, categories=2))
    if ratings[:2].any():
        assert dice == pytest.approx(f1_score(ratings[0], ratings[1], sample_weight=weights))
    else:
        assert dice == 1


def test_chance_agreement_scores_nothing():
    rng = np.random.default_rng(0)
    ratings = (rng.random((5, 20_000)) < 0.3).astype(int)
    found = (cohen_kappa(*ratings[:2]), fleiss_kappa(ratings), krippendorff_alpha(ratings))
    assert found == pytest.approx((0, 0, 0), abs=0.02)


# against other packages and published examples


@settings(deadline=None, max_examples=60)
@given(ratings=ratings_of, weights=weights_of)
def test_cohen_s_kappa_equals_that_of_scikit_learn_and_statsmodels(ratings, weights):
    from sklearn.metrics import cohen_kappa_score
    from statsmodels.stats.inter_rater import cohens_kappa

    a, b = ratings[:2]
    if len(set(a) | set(b)) == 1:
        assert np.isnan(cohen_kappa(a, b))
        return
    theirs = cohen_kappa_score(a, b, sample_weight=weights)
    assert cohen_kappa(a, b, weights=weights) == pytest.approx(theirs, abs=1e-6)
    table = contingency(a, b)
    assert cohen_kappa(a, b) == pytest.approx(cohens_kappa(table, return_results=False), abs=1e-6)


@settings(deadline=None, max_examples=60)
@given(ratings=ratings_of)
def test_fleiss_kappa_equals_that_of_statsmodels(ratings):
    from statsmodels.stats.inter_rater import aggregate_raters
    from statsmodels.stats.inter_rater import fleiss_kappa as theirs

    if len(np.unique(ratings)) > 1:
        table, _ = aggregate_raters(ratings.T)
        assert fleiss_kappa(ratings) == pytest.approx(theirs(table), abs=1e-6)


def test_cohen_s_own_example():
    """Cohen 1960: proportions of 200 judgements, p_o .70, p_e .41, kappa .492."""
    table = np.array([[0.44, 0.05, 0.01], [0.07, 0.20, 0.03], [0.09, 0.05, 0.06]])
    assert kappa_of(table) == pytest.approx((0.70 - 0.41) / 0.59, abs=1e-9)
    assert kappa_words(table) == pytest.approx(float(kappa_of(table)), abs=1e-12)


def test_fleiss_own_example():
    """Fleiss 1971: mean agreement .5556, by chance .2199, kappa .430."""
    ratings = np.array([[int(c) for c in patient] for patient in " ".join(FLEISS).split()]).T - 1
    assert ratings.shape == (6, 30)
    counts = (ratings[:, :, None] == np.arange(5)).sum(axis=0)
    assert counts.sum(axis=0).tolist() == [26, 26, 30, 55, 43]
    agreed = Fraction(int((counts**2).sum()) - 180, 30 * 30)
    chance = Fraction(int((counts.sum(axis=0) ** 2).sum()), 180**2)
    assert float(agreed) == pytest.approx(0.5556, abs=5e-5)
    assert float(chance) == pytest.approx(0.2199, abs=5e-5)
    assert fleiss_kappa(ratings) == pytest.approx(float((agreed - chance) / (1 - chance)), abs=1e-9)
    assert fleiss_kappa(ratings) == pytest.approx(0.430, abs=5e-4)


def exact_alpha(ratings):
    """Krippendorff's alpha in fractions: pairs within units against pairs of all values."""
    units = [[v for v in unit if v != MISSING] for unit in ratings.T.tolist()]
    units = [unit for unit in units if len(unit) > 1]
    values = [v for unit in units for v in unit]
    within = sum(
        (Fraction(sum(a != b for a, b in permutations(unit, 2)), len(unit) - 1) for unit in units),
        Fraction(0),
    )
    n = len(values)
    between = Fraction(sum(a != b for a, b in permutations(values, 2)), n - 1) if n > 1 else Fraction(0)
    return float(1 - within / between) if between else float("nan")


def test_krippendorff_s_own_examples():
    """Computing Krippendorff's Alpha-Reliability, 2011: A .095, B .692, C .743."""
    two_by_ten = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]])
    assert krippendorff_alpha(two_by_ten) == pytest.approx(0.095, abs=5e-4)
    letters = np.array([[0, 0, 1, 1, 3, 2, 2, 2, 4, 3, 3, 0], [1, 0, 1, 1, 1, 2, 2, 2, 4, 3, 3, 3]])
    assert krippendorff_alpha(letters) == pytest.approx(0.692, abs=5e-4)
    assert krippendorff_alpha(PUBLISHED) == pytest.approx(0.743, abs=5e-4)
    for example in (two_by_ten, letters, PUBLISHED):
        assert krippendorff_alpha(example) == pytest.approx(exact_alpha(example), abs=1e-12)


@settings(deadline=None)
@given(ratings=gappy)
def test_alpha_equals_its_definition_by_pairs(ratings):
    assert krippendorff_alpha(ratings) == pytest.approx(exact_alpha(ratings), abs=1e-6, nan_ok=True)


# over records


def test_records_together_are_one_long_record():
    rng = np.random.default_rng(3)
    parts = [rng.integers(0, 2, (3, n)) for n in (10, 20, 30)]
    whole = np.hstack(parts)
    tables = [contingency(p[0], p[1]) for p in parts]
    pairs = [coincidences(p) for p in parts]
    for found, direct in (
        (over_records(kappa_of, tables), cohen_kappa(*whole[:2])),
        (over_records(fleiss_of, pairs), fleiss_kappa(whole)),
        (over_records(alpha_of, pairs), krippendorff_alpha(whole)),
    ):
        assert found is not None
        assert found.value == pytest.approx(direct)
        assert found.low <= found.value <= found.high


def test_one_record_has_a_figure_without_an_interval_and_none_has_none():
    table = contingency([0, 1, 1, 0], [0, 1, 0, 0])
    found = over_records(kappa_of, [table])
    assert found is not None
    assert found.value == pytest.approx(0.5)
    assert np.isnan([found.low, found.high]).all()
    assert over_records(kappa_of, []) is None
    assert over_records(kappa_of, [contingency([0, 0], [0, 0])] * 3) is None


def test_draws_in_which_it_is_not_defined_are_left_out():
    tables = [contingency([0, 0], [0, 0]), contingency([0, 1, 1], [0, 1, 0])]
    found = over_records(kappa_of, tables)
    assert found is not None
    assert np.isfinite([found.value, found.low, found.high]).all()


# what does not fit


@pytest.mark.parametrize("weights", [None, np.linspace(0.3, 1.7, 6)])
def test_one_category_only_leaves_nothing_to_explain(weights):
    same = np.ones((3, 6), int)
    found = [
        cohen_kappa(*same[:2], weights=weights),
        fleiss_kappa(same, weights=weights),
        krippendorff_alpha(same, weights=weights),
        krippendorff_alpha(np.full((3, 6), MISSING), weights=weights),
        krippendorff_alpha([[0, 1, 0, 1, 0, 1]], weights=weights),
    ]
    assert np.isnan(found).all()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: cohen_kappa([0, 1], [0, 1, 1]), "differ in length"),
        (lambda: cohen_kappa([0, np.nan], [0, 1]), "whole number"),
        (lambda: krippendorff_alpha([[0.5, 1], [0, 1]]), "whole number"),
        (lambda: krippendorff_alpha([[0, -2], [0, 1]]), "whole number"),
        (lambda: krippendorff_alpha([0, 1]), "shape"),
        (lambda: krippendorff_alpha(np.zeros((0, 3))), "shape"),
        (lambda: fleiss_kappa([[0, 1], [0, MISSING]]), "same number of raters"),
        (lambda: fleiss_kappa([[0, 1]]), "same number of raters"),
        (lambda: cohen_kappa([0, 1], [0, 1], weights=[1, 1, 1]), "weights must have shape"),
        (lambda: cohen_kappa([0, 1], [0, 1], weights=[1, -1]), "not negative"),
    ],
)
def test_ratings_that_do_not_fit_are_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()


def test_units_that_one_did_not_rate_are_left_out_of_cohen_s_kappa():
    a, b = np.array([0, 1, 1, 0, MISSING, 1]), np.array([0, 1, 0, 0, 1, MISSING])
    assert cohen_kappa(a, b) == cohen_kappa(a[:4], b[:4])
    pairs = list(combinations(range(4), 2))
    assert np.isfinite([cohen_kappa(PUBLISHED[i], PUBLISHED[j]) for i, j in pairs]).all()
