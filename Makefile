.PHONY: install demo test check format picture results anatomy clean

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

results:  ## every figure in docs/results; PTBXL names the data, MODELS the cross-validated models
	ecglocus evaluate --data $(PTBXL)
	ecglocus bench territory --data $(PTBXL)
	ecglocus train --data $(PTBXL) --out $(MODELS)/readers --cross-validate
	cp $(MODELS)/readers/held_out.* docs/results
	ecglocus bench territory --data $(PTBXL) --models $(MODELS)/readers --name territory_cv
	ecglocus train --data $(PTBXL) --out $(MODELS)/one --cross-validate --members 1 --no-subclasses
	ecglocus bench territory --data $(PTBXL) --models $(MODELS)/one --name territory_cv_one_reader

anatomy:  ## make the reference anatomy anew
	pip install -e ".[anatomy]"
	python -m cine_mapping.build_reference

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis ecglocus-demo ecglocus-runs
