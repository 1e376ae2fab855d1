"""A model on disk comes back as it went, and nothing else is taken for one."""

import json
import pickle
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import torch

from imn.classifier import build
from imn.errors import InputError
from imn.labels import LABELS
from imn.model import load_model
from imn.recipe import Recipe
from imn.storage import load_members, save_members

RECIPE = Recipe(widths=(8, 8, 8), kernel=3, heads=2)


def networks(recipe: Recipe, count: int = 2) -> list[torch.nn.Module]:
    made = []
    for seed in range(count):
        torch.manual_seed(seed)
        made.append(build(recipe).eval())
    return made


def signal() -> torch.Tensor:
    return 0.3 * torch.randn(2, 12, 403, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def saved(tmp_path) -> Path:
    return save_members(tmp_path / "m.safetensors", networks(RECIPE), RECIPE, {"note": "as it came"})


def rewrite(path: Path, content: bytes) -> None:
    """Put other bytes in place of the weights, with a card that vouches for them."""
    path.write_bytes(content)
    card = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(card | {"sha256": sha256(content).hexdigest()}))


class TestRoundTrip:
    @pytest.mark.parametrize(
        "recipe",
        [RECIPE, replace(RECIPE, mixtures=(), identified=False, heads=0), Recipe(model="cnn")],
        ids=["ecglocus", "plain", "cnn"],
    )
    def test_members_come_back_as_they_went(self, recipe, tmp_path):
        went = networks(recipe)
        came = load_members(save_members(tmp_path / "m.safetensors", went, recipe, {})).members
        assert len(came) == 2
        for one, other in zip(went, came, strict=True):
            assert not other.training and not any(p.requires_grad for p in other.parameters())
            with torch.no_grad():
                assert torch.equal(one(signal()), other(signal()))

    def test_card_says_what_follows_from_the_networks(self, saved):
        stored = load_members(saved)
        assert stored.name == f"m-{sha256(saved.read_bytes()).hexdigest()[:12]}"
        assert stored.classes == LABELS
        assert stored.card["note"] == "as it came" and stored.card["members"] == 2
        assert stored.card["recipe"]["model"] == "ecglocus"

    def test_no_fact_given_can_belie_the_networks(self, tmp_path):
        facts = {"members": 7, "classes": ["X"], "sha256": "0"}
        path = save_members(tmp_path / "m.safetensors", networks(RECIPE), RECIPE, facts)
        assert len(load_members(path).members) == 2


class TestRefusal:
    def test_one_flipped_bit(self, saved):
        content = bytearray(saved.read_bytes())
        content[-9] ^= 1
        saved.write_bytes(content)
        with pytest.raises(InputError, match="SHA-256"):
            load_model(saved)

    def test_a_file_cut_short(self, saved):
        content = saved.read_bytes()
        for length in (0, 4, 100, len(content) // 2, len(content) - 1):
            saved.write_bytes(content[:length])
            with pytest.raises(InputError, match="SHA-256"):
                load_model(saved)
            rewrite(saved, content[:length])
            with pytest.raises(InputError, match="not a model"):
                load_model(saved)

    @pytest.mark.parametrize("missing", ["m.safetensors", "m.json"])
    def test_a_missing_file_is_named(self, saved, missing):
        (saved.parent / missing).unlink()
        with pytest.raises(InputError, match=f"found no {missing}"):
            load_model(saved)

    @pytest.mark.parametrize(
        "card",
        [b"", b"{}", b"[]", b"null", b"\xff\xfe", b'{"format": "other"}', b'{"format": "ecglocus-imn-2"}'],
    )
    def test_a_foreign_card(self, saved, card):
        saved.with_suffix(".json").write_bytes(card)
        with pytest.raises(InputError, match="ecglocus"):
            load_model(saved)

    @pytest.mark.parametrize(
        "changes",
        [
            {"members": 0}, {"members": 3}, {"members": "two"}, {"classes": list(LABELS[:5])}, {"fs": 500.0},
            {"leads": list("abc")}, {"recipe": {}}, {"recipe": None}, {"format": "ecglocus-imn-1"},
        ],
    )  # fmt: skip
    def test_a_card_of_another_model(self, saved, changes):
        card = json.loads(saved.with_suffix(".json").read_text())
        saved.with_suffix(".json").write_text(json.dumps(card | changes))
        with pytest.raises(InputError, match="ecglocus"):
            load_model(saved)

    @pytest.mark.parametrize(
        "changes",
        [{"model": "resnet"}, {"widths": [8, 8]}, {"widths": [8, 8, 16]}, {"novel": 1}],
    )
    def test_a_recipe_that_does_not_fit(self, saved, changes):
        card = json.loads(saved.with_suffix(".json").read_text())
        card["recipe"] |= changes
        saved.with_suffix(".json").write_text(json.dumps(card))
        with pytest.raises(InputError, match="ecglocus"):
            load_model(saved)

    @pytest.mark.parametrize("field", [field.name for field in fields(Recipe)])
    def test_what_a_recipe_leaves_open_is_not_guessed(self, saved, field):
        card = json.loads(saved.with_suffix(".json").read_text())
        del card["recipe"][field]
        saved.with_suffix(".json").write_text(json.dumps(card))
        with pytest.raises(InputError, match="ecglocus"):
            load_model(saved)

    def test_weights_of_something_else(self, saved):
        from safetensors.numpy import save

        rewrite(saved, save({"conv.weight": np.zeros((3, 3), np.float32)}))
        with pytest.raises(InputError, match="not a model"):
            load_model(saved)

    def test_a_pickle_is_not_opened(self, saved, tmp_path):
        trace = tmp_path / "executed"
        pickled = pickle.dumps(Spiteful(trace))
        pickle.loads(pickled)
        assert trace.exists(), "the pickle does what it is meant to do when it is opened"
        trace.unlink()
        for content in (pickled, _as_checkpoint(tmp_path, trace)):
            rewrite(saved, content)
            with pytest.raises(InputError, match="not a model"):
                load_model(saved)
            assert not trace.exists()


class Spiteful:
    """Leaves a trace when it is unpickled."""

    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> tuple:
        return Path.touch, (self.trace,)


def _as_checkpoint(folder: Path, trace: Path) -> bytes:
    """The same as torch would write it."""
    torch.save({"0/bias": Spiteful(trace)}, folder / "m.pt")
    return (folder / "m.pt").read_bytes()
