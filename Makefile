.PHONY: install demo test check format picture simulated results anatomy clean

install:
	pip install -e ".[dev]"

demo:
	ecglocus demo

test:
	pytest

check:
	ruff check .
	ruff format --check .
	pyright
	lint-imports

format:
	ruff format .
	ruff check --fix .

picture: demo  ## the README's picture
	cp ecglocus-demo/heart.png docs/heart.png

simulated:  ## a simulated recording of each condition, for docs/simulate.md
	python -m viewer.simulated_pictures docs/simulated

results:  ## every figure in docs/results; PTBXL names the data, MODELS the trained models
	ecglocus evaluate --data $(PTBXL)
	ecglocus bench territory --data $(PTBXL)
	ecglocus bench attribution --data $(PTBXL) --models $(MODELS)/attribution --workers 2
	ecglocus train --data $(PTBXL) --out $(MODELS)/folds --cross-validate --members 1 --fidelity 0.3
	cp $(MODELS)/folds/held_out.* docs/results
	ecglocus bench territory --data $(PTBXL) --models $(MODELS)/folds --name territory_cv

anatomy:  ## make the reference anatomy anew
	pip install -e ".[anatomy]"
	python -m cine_mapping.build_reference

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis ecglocus-demo ecglocus-runs
