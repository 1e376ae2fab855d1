"""Values in notebooks: what they say of themselves, and the pictures they give."""

import subprocess
import sys
from importlib.metadata import EntryPoint, entry_points
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

import cine_mapping
import imn
from annotations import Annotation, Finding
from cine_mapping.heart_map import HeartMap
from imn.errors import InputError
from imn.labels import SUPERCLASSES
from imn.plotting import GROUP, drawing_of
from tests.synthetic import ecg
from viewer.offscreen import rendering_problem
from viewer.plotting import _paint, _values

draws = pytest.mark.skipif(rendering_problem() is not None, reason=str(rendering_problem()))


@pytest.fixture(scope="module")
def record():
    signal = ecg(250.0, np.arange(0.5, 6, 0.8), 6.0).astype(np.float32)
    return imn.Record(signal, 250.0, "patient <1>", "somewhere")


@pytest.fixture(scope="module")
def explanation(record):
    return imn.explain(record)


@pytest.fixture(scope="module")
def heart_map(explanation):
    return cine_mapping.map_evidence(explanation, "MI")


def pixels(png: bytes | None) -> np.ndarray:
    assert png is not None
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"), dtype=float)


def test_a_map_holds_the_evidence_and_knows_its_heart_and_beat(explanation, heart_map):
    k = explanation.classes.index("MI")
    assert heart_map.total == pytest.approx(explanation.logits[k] - explanation.bias[k], abs=1e-9)
    assert heart_map.anatomy.name == "reference"
    assert heart_map.beat.fs == explanation.fs
    for modality in ("leads", "vcg", "path", "simulations", "statements"):
        one = cine_mapping.map_evidence(explanation, "MI", modality=modality, anatomy=heart_map.anatomy)
        assert (one.modality, one.anatomy, one.label) == (modality, heart_map.anatomy, "MI")
        assert one.total == pytest.approx(heart_map.total, abs=1e-9)


def test_without_a_label_the_most_probable_superclass_is_mapped(explanation):
    superclasses = explanation.logits[: len(SUPERCLASSES)]
    likeliest = explanation.classes[int(np.argmax(superclasses))]
    assert cine_mapping.map_evidence(explanation).label == likeliest == explanation.default_label


@pytest.mark.parametrize(
    ("options", "said"),
    [({"label": "FLU"}, "label must be one of NORM"), ({"modality": "mri"}, "modality must be average or")],
)
def test_what_cannot_be_mapped_is_said_in_a_sentence(explanation, options, said):
    with pytest.raises(InputError, match=said):
        cine_mapping.map_evidence(explanation, **options)


def test_moments_and_intervals_add_up_to_the_whole(heart_map):
    fs, first = heart_map.beat.fs, -heart_map.beat.r_peak / heart_map.beat.fs
    last = first + (heart_map.positive.shape[1] - 1) / fs
    for sign, whole in (
        ("supporting", heart_map.supporting),
        ("opposing", heart_map.opposing),
        ("both", heart_map.values.sum(axis=1)),
    ):
        middle = first + 30.5 / fs
        parts = [_values(heart_map, sign, t)[0] for t in ((first, middle), (middle, last))]
        np.testing.assert_allclose(sum(parts), whole, atol=1e-12)
        np.testing.assert_allclose(_values(heart_map, sign, None)[0], whole, atol=1e-12)
        moment, unit = _values(heart_map, sign, first + 12 / fs)
        step = _values(heart_map, sign, (first + 11.5 / fs, first + 12.5 / fs))[0]
        np.testing.assert_allclose(moment, step * fs * 0.01, atol=1e-12)
        assert unit.endswith("10 ms")


def test_colours_are_two_sided_only_where_something_opposes(heart_map):
    def paint(sign, clim=None):
        return _paint(_values(heart_map, sign, None)[0], heart_map.anatomy, clim, None)

    assert paint("supporting").limits[0] == 0
    assert paint("supporting", 2.0).limits == (0.0, 2.0)
    assert paint("opposing", 2.0).limits == (-2.0, 2.0)
    assert paint("both", (-1, 3)).limits == (-1.0, 3.0)
    assert paint("opposing").limits[0] == -paint("opposing").limits[1]
    assert {paint("supporting").colours, paint("both").colours} == {"cividis", "PuOr_r"}


@draws
def test_a_plot_is_a_plotter_of_pyvista_that_shows_itself(heart_map):
    import pyvista

    plotter = heart_map.plot()
    assert isinstance(plotter, pyvista.Plotter)
    picture = pixels(plotter._repr_png_())
    assert picture.std() > 20  # a heart on white
    np.testing.assert_array_equal(pixels(plotter._repr_png_()), picture)
    brighter = pixels(heart_map.plot(clim=float(heart_map.supporting.max()) / 50)._repr_png_())
    assert np.abs(brighter - picture).max() > 50
    plotter.close()


@draws
def test_two_maps_in_one_window(heart_map):
    import pyvista

    plotter = pyvista.Plotter(shape=(1, 2), off_screen=True, window_size=[400, 200])
    for column, view in enumerate(("AP", "septum")):
        plotter.subplot(0, column)
        assert heart_map.plot("both", t=(0, 0.1), view=view, plotter=plotter) is plotter
    left, right = np.hsplit(np.asarray(plotter.screenshot(return_img=True), dtype=float), 2)
    assert left.std() > 10
    assert right.std() > 10
    assert np.abs(left - right).max() > 50
    assert len(plotter.scalar_bars) == 2
    plotter.close()


@draws
def test_shown_without_trame_it_is_a_picture_without_a_warning(heart_map, monkeypatch):
    import pyvista

    asked = []
    monkeypatch.setattr(pyvista.Plotter, "show", lambda self, **options: asked.append(options))
    plotter = heart_map.plot()
    for inside, installed in ((True, ()), (True, ("trame",)), (False, ())):
        plotter.notebook = inside
        monkeypatch.setattr(pyvista, "registered_jupyter_backends", lambda held=installed: held)
        plotter.show()
    assert asked == [{"jupyter_backend": "static"}, {}, {}]
    plotter.close()


@draws
def test_shown_in_a_script_without_a_display_it_ends(heart_map):
    if not heart_map.plot().off_screen:
        pytest.skip("there is a display: a window would open")
    assert heart_map.plot(show=True)._repr_png_() is not None


def test_a_map_as_a_mesh_of_pyvista(heart_map):
    data = heart_map.to_polydata()
    np.testing.assert_allclose(data["average supporting"].sum(), heart_map.supporting.sum(), rtol=1e-5)
    np.testing.assert_array_equal(data.points, heart_map.anatomy.heart.points)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"values": "all"}, "values must be one of supporting"),
        ({"t": 7.0}, "from the R peak, got 7.0"),
        ({"t": float("nan")}, "from the R peak, got nan"),
        ({"t": (0.1, 0.0)}, "from the R peak"),
        ({"t": (0.0, 0.1, 0.2)}, "one moment or an interval"),
        ({"cmap": "jet"}, "even to the eye.*'jet'"),
        ({"cmap": "nothing"}, "even to the eye.*'nothing'"),
        ({"clim": -1.0}, "clim must be a positive number"),
        ({"clim": (1.0, 0.0)}, "clim must be a positive number"),
        ({"clim": (0.0, 1.0, 2.0)}, "clim must be a positive number"),
        ({"view": "above"}, "view must be one of ap,"),
    ],
)
def test_options_that_do_not_do(heart_map, options, said):
    with pytest.raises(InputError, match=said):
        heart_map.plot(**options)


def test_a_map_that_does_not_know_where_it_is(heart_map):
    parts = (heart_map.basis, heart_map.positive, heart_map.negative)
    lost = HeartMap("MI", "leads", *parts)
    with pytest.raises(InputError, match="knows its heart"):
        lost.plot()
    with pytest.raises(InputError, match="knows its beat"):
        lost.plot(t=0.0, anatomy=heart_map.anatomy)
    with pytest.raises(InputError, match="of 5 vertices"):
        HeartMap("MI", "leads", parts[0][:5], *parts[1:]).plot(anatomy=heart_map.anatomy)
    assert lost.to_polydata(anatomy=heart_map.anatomy).n_points == len(parts[0])


def test_recordings_and_evidence_on_paper(record, explanation):
    plain, shaded = record.plot(), explanation.plot("MI")
    assert plain.get_size_inches() == pytest.approx(shaded.get_size_inches())
    assert np.abs(pixels(plain._repr_png_()) - pixels(shaded._repr_png_())).max() > 50
    assert record.plot(layout="6x2").get_size_inches()[1] != plain.get_size_inches()[1]
    with pytest.raises(InputError, match="12x1"):
        record.plot(layout="2x2")
    with pytest.raises(InputError, match="label must be one of"):
        explanation.plot("FLU")


def test_values_say_in_a_line_what_they_are(record, explanation, heart_map):
    finding = Finding("MI", "expert", 0.8, regions=("mid inferior",), leads=("II",))
    said = {
        repr(record): ("Record patient <1>", "6 s at 250 Hz"),
        repr(explanation): ("Explanation patient <1>", "and 14 more", explanation.default_label),
        repr(heart_map): ("HeartMap MI | average", "reference", f"{heart_map.total:+.3f} logit"),
        repr(heart_map.anatomy): ("Anatomy reference", f"{len(heart_map.basis)} vertices"),
        repr(Annotation("r", "a", (finding,))): ("r | by a", "MI (expert): mid inferior, II", "signed"),
    }
    for words, parts in said.items():
        assert len(words) < 350
        assert "array(" not in words
        for part in parts:
            assert part in words
    assert "patient &lt;1&gt;" in record._repr_html_()
    assert repr(explanation.against(np.zeros_like(explanation.signal), "flat line")).count("flat line") == 1


def test_every_drawing_that_is_asked_for_is_installed():
    installed = {entry.name for entry in entry_points(group=GROUP) if entry.value.startswith("viewer.")}
    assert installed == {"record", "explanation", "heart_map", "polydata"}
    for kind in installed:
        assert callable(drawing_of(kind))


def test_without_a_drawing_one_sentence_says_so(heart_map, monkeypatch):
    monkeypatch.setattr("imn.plotting.entry_points", lambda **_: ())
    with pytest.raises(InputError, match="pip install ecglocus"):
        heart_map.plot()
    spoilt = EntryPoint("heart_map", "no_such_package:draw", GROUP)
    monkeypatch.setattr("imn.plotting.entry_points", lambda **_: (spoilt,))
    with pytest.raises(InputError, match="no_such_package:draw.*cannot be loaded"):
        heart_map.plot()


def test_naming_the_packages_stays_cheap():
    heavy = "[name for name in ('torch', 'pyvista', 'matplotlib', 'scipy.signal') if name in sys.modules]"
    told = f"import sys, imn, cine_mapping; from cine_mapping.heart_map import HeartMap; print({heavy})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
