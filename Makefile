.PHONY: install demo test check format anatomy clean

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

anatomy:  ## make the reference anatomy anew
	pip install -e ".[anatomy]"
	python -m cine_mapping.build_reference

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis ecglocus-demo ecglocus-runs
