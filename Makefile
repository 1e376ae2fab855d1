.PHONY: install demo test coverage check docs format picture simulated localisation viewer-pictures results clusters statements decoders anatomy clean

install:
	pip install -e ".[dev]"

demo:
	ecglocus demo

test:
	pytest

coverage:  ## of the code that reads files from outside, lines and branches; fails below 95 %
	pytest --cov --cov-report=term-missing -p no:cacheprovider tests/test_formats.py tests/test_refusals.py \
		tests/test_read_record.py tests/test_bad_input.py tests/test_archives.py tests/test_electrode_placement.py \
		tests/test_assembly.py tests/test_limb_leads.py \
		tests/test_annotation_*.py

check:
	ruff check .
	ruff format --check .
	pyright
	lint-imports

docs:  ## the documentation site, into site/
	mkdocs build --strict

format:
	ruff format .
	ruff check --fix .

picture: demo  ## the README's picture
	cp ecglocus-demo/heart.png docs/heart.png

simulated:  ## a simulated recording of each condition, for docs/simulate.md
	python -m viewer.simulated_pictures docs/simulated

localisation:  ## a success, a failure, a "no region" and what leads can see, for docs/localisation.md
	python -m viewer.localisation_pictures docs/localisation

viewer-pictures:  ## the viewer at work and a beat as a movie, for docs/viewer.md; needs Chromium
	python -m viewer.viewer_pictures docs/viewer

results:  ## every figure in docs/results; PTBXL and LUDB name the data, MODELS the trained models, ANATOMIES what was imported
	ecglocus evaluate --data $(PTBXL)
	ecglocus bench territory --data $(PTBXL)
	ecglocus bench attribution --data $(PTBXL) --models $(MODELS)/attribution --workers 2
	ecglocus train --data $(PTBXL) --out $(MODELS)/folds --cross-validate --members 1
	cp $(MODELS)/folds/held_out.* docs/results
	ecglocus bench territory --data $(PTBXL) --models $(MODELS)/folds --name territory_cv
	ecglocus bench realism --data $(PTBXL)
	for heart in kit hra_male; do ecglocus anatomy learn $(ANATOMIES)/$$heart.npz \
		--out $(ANATOMIES)/$${heart}_decoders.npz --folder $(ANATOMIES)/learn_$$heart --patients 200 || exit; done
	ecglocus bench localisation --data $(PTBXL) --models $(MODELS)/folds \
		--anatomies $(ANATOMIES)/kit.npz $(ANATOMIES)/hra_male.npz \
		--learned $(ANATOMIES)/kit_decoders.npz $(ANATOMIES)/hra_male_decoders.npz
	ecglocus bench dice --data $(PTBXL) --ludb $(LUDB) --models $(MODELS)/attribution
	ecglocus bench delineation --data $(LUDB)
	ecglocus bench sampling --data $(PTBXL) --models $(MODELS)/folds --folder $(MODELS)/sampling
	ecglocus bench clusters --data $(PTBXL) --ludb $(LUDB) --models $(MODELS)/folds \
		--others $(foreach rival,cnn xresnet1d101,$(MODELS)/attribution/$(rival)-a/$(rival).safetensors)
	ecglocus bench store
	ecglocus bench fuzz --guided 3000 --workers 2
	ecglocus bench interrupts
	ecglocus bench speed --data $(PTBXL)
	ecglocus bench viewer

clusters:  ## fit the clusters of the shipped network anew
	python -m imn.clusters.ship $(PTBXL)

statements:  ## learn anew where statements place disease; MODELS/folds as above
	ecglocus annotations teach --data $(PTBXL) --models $(MODELS)/folds --out cine_mapping/operators/statements.npz

decoders:  ## learn the mappings that the package ships anew; half an hour or more
	ecglocus anatomy learn reference --network --workers 2 --out cine_mapping/operators/decoders.npz

anatomy:  ## make the reference anatomy anew
	pip install -e ".[anatomy]"
	python -m cine_mapping.build_reference

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis ecglocus-demo ecglocus-runs
