# Everything a reader or a contributor runs. `make` alone lists the targets.
# Only Python (3.10 or newer), git and make need to be there; the rest comes into .venv, by uv if it is installed.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SITE := _build/html
ONE_PAGE := _build/one-page
# Each build searches the folder for pages, hidden folders excepted; environments within one would cost it seconds.
BINDER := _build/.binder
LIGHTHOUSE := _build/.lighthouse
REPEAT := _build/.repeat
JAX := _build/.jax
JAX_PACKAGES := jax==0.10.2 jaxlib==0.10.2 opt-einsum==3.4.0
CHAPTERS := $(wildcard chapters/*.ipynb)
# A file's tests stay together: they share fixtures, and the cells of a chapter their kernel. Processes of one thread each
# do not wait for each other (the variables are those of embedbook.threads).
ONE_THREAD := OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1 TF_NUM_INTRAOP_THREADS=1 TF_NUM_INTEROP_THREADS=1
PYTEST_ON_ALL_CORES := $(ONE_THREAD) $(BIN)/python -m pytest -n auto --dist loadfile

# Nothing TensorFlow prints on import belongs into a page; without oneDNN's own rounding, results also agree between more
# machines.
export TF_CPP_MIN_LOG_LEVEL = 3
export TF_ENABLE_ONEDNN_OPTS = 0
# Warnings of Jupyter about its own folders are not the book's.
export JUPYTER_PLATFORM_DIRS = 1

.DEFAULT_GOAL := help
.PHONY: help book site one-page test test-unit test-notebooks test-site lighthouse binder-check anywhere-check repeat-check jax-check bench lab store claims-sample check links resolve lock clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1|/p' $(MAKEFILE_LIST) | awk -F'|' '{printf "%-22s %s\n", $$1, $$2}'

# Compiled once here, as pip does it, and not anew by each of the many kernels, where PYTHONDONTWRITEBYTECODE is set.
$(READY): requirements.txt requirements-dev.txt constraints.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { echo "the book needs Python 3.10 or newer; name one with: make PYTHON=python3.11"; exit 1; }
	@echo "Installing the packages into $(VENV) (once; some minutes with pip, one with uv) ..."
	@if command -v uv >/dev/null 2>&1; then \
	    uv venv --quiet --clear --python $(PYTHON) $(VENV) && uv pip install --quiet --compile-bytecode --python $(BIN)/python -r requirements-dev.txt; \
	else \
	    $(PYTHON) -m venv --clear $(VENV) && $(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt; \
	fi
	@touch $@

book: $(READY) ## run the chapters whose outputs are out of date and build the site
	$(BIN)/python -m embedbook.site.running
	EMBEDBOOK_EXECUTE=cache $(BIN)/jupyter-book build . --warningiserror --keep-going --quiet
	@echo "The book: $(CURDIR)/$(SITE)/index.html"

site: $(READY) ## build the site from the stored outputs, without running anything
	EMBEDBOOK_EXECUTE=off $(BIN)/jupyter-book build . --warningiserror --keep-going --quiet
	@echo "The book: $(CURDIR)/$(SITE)/index.html"

one-page: $(READY) ## build the whole book as one page, to print or to search, from the stored outputs
	EMBEDBOOK_EXECUTE=off $(BIN)/jupyter-book build . --path-output $(ONE_PAGE) --builder custom --custom-builder singlehtml --warningiserror --keep-going --quiet
	@echo "The book on one page: $(CURDIR)/$(ONE_PAGE)/_build/singlehtml/intro.html"

test: test-unit test-notebooks test-site ## all tests

test-unit: $(READY) ## tests of the helper package
	$(PYTEST_ON_ALL_CORES) tests/unit

test-notebooks: $(READY) ## run the chapters on the sample and compare the marked cells
	$(BIN)/python -m pytest tests/notebooks
	EMBEDBOOK_DATA=sample $(PYTEST_ON_ALL_CORES) --nbval-lax --nbval-sanitize-with tests/notebooks/sanitize.cfg --nbval-cell-timeout 300 -p no:cacheprovider --timeout=600 $(CHAPTERS)

test-site: site one-page ## look at the built pages in a real browser
	$(PYTEST_ON_ALL_CORES) -rP tests/site

lighthouse: site ## let Lighthouse judge every page (needs node and npm)
	npm install --silent --no-fund --no-audit --prefix $(LIGHTHOUSE) lighthouse@12.8.2
	EMBEDBOOK_LIGHTHOUSE=$(LIGHTHOUSE) $(BIN)/python -m pytest -rP tests/site/lighthouse

binder-check: $(READY) ## do what Binder does: a fresh environment, JupyterLab, Run All Cells, 2 GB, no network
	rm -rf $(BINDER) && mkdir -p $(BINDER)
	git clone --quiet . $(BINDER)/book
	@if command -v uv >/dev/null 2>&1; then \
	    uv venv --quiet --python $(PYTHON) $(BINDER)/venv && cd $(BINDER)/book && uv pip install --quiet --compile-bytecode --python ../venv/bin/python -r requirements.txt; \
	else \
	    $(PYTHON) -m venv $(BINDER)/venv && cd $(BINDER)/book && ../venv/bin/python -m pip install --quiet -r requirements.txt; \
	fi
	@if unshare -rn true 2>/dev/null; then offline="unshare -rn"; else echo "the network stays: this system does not let it be taken away"; fi; \
	EMBEDBOOK_BINDER=$(BINDER) $$offline sh -c 'ip link set lo up 2>/dev/null; $(BIN)/python -m pytest -rP tests/binder'

anywhere-check: $(READY) ## run each chapter alone, in any order, elsewhere, twice at once, from a read-only checkout
	$(BIN)/python -m pytest tests/anywhere

repeat-check: $(READY) ## run the chapters twice on the sample and see whether everything they print is the same
	rm -rf $(REPEAT) && mkdir -p $(REPEAT) && cp $(or $(CHAPTER),$(CHAPTERS)) $(REPEAT)
	EMBEDBOOK_DATA=sample $(ONE_THREAD) $(BIN)/jupyter execute --inplace $(REPEAT)/*.ipynb
	EMBEDBOOK_DATA=sample $(PYTEST_ON_ALL_CORES) --nbval --nbval-sanitize-with tests/notebooks/sanitize.cfg --nbval-cell-timeout 300 -p no:cacheprovider --timeout=600 $(REPEAT)/*.ipynb

jax-check: $(READY) ## run the translators' tests on JAX, another backend of Keras (half an hour)
	@# Beside the environment, not in it, and without what TensorFlow has brought along in versions of its own.
	@rm -rf $(JAX) && if command -v uv >/dev/null 2>&1; then \
	    uv pip install --quiet --python $(BIN)/python --target $(JAX) --no-deps $(JAX_PACKAGES); \
	else \
	    $(BIN)/python -m pip install --quiet --target $(JAX) --no-deps $(JAX_PACKAGES); \
	fi
	KERAS_BACKEND=jax PYTHONPATH=$(JAX) $(PYTEST_ON_ALL_CORES) --dist load --timeout=1800 tests/unit/test_models_translators.py

bench: $(READY) ## measure speed and memory (BENCH="--full" for 48 M tokens, BENCH="--quick" to try it)
	$(BIN)/python -m pytest benchmarks $(BENCH)

lab: $(READY) ## open the chapters in JupyterLab
	$(BIN)/jupyter lab chapters

store: $(READY) ## run the chapters on real data and store their outputs
	EMBEDBOOK_DATA=real $(BIN)/python -m embedbook.site.store $(or $(CHAPTER),$(CHAPTERS))

claims-sample: $(READY) ## run the chapters on the sample and write down their verdicts for the claims ledger
	EMBEDBOOK_DATA=sample $(BIN)/python -m embedbook.site.store --claims data/results/claims-sample.csv $(CHAPTERS)

check: site ## format, lint, types, dead code, spelling, chapter template, links inside the site, workflows
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/vulture
	$(BIN)/codespell *.md src tests benchmarks data/*/*.md chapters/*.ipynb
	$(BIN)/python -m pytest --quiet tests/notebooks/test_template.py tests/unit/test_repository.py tests/site/test_files.py

links: $(READY) ## see whether every link to another site still leads somewhere
	$(BIN)/jupyter-book build . --builder linkcheck --keep-going

resolve: ## see whether the pins resolve, by wheels alone, for every Python that the book supports (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "make resolve needs uv (pip install uv)"; exit 1; }
	@for version in 3.10 3.11 3.12 3.13; do \
	    uv pip compile --quiet --only-binary :all: --python-version $$version --no-header requirements.txt >/dev/null || exit 1; \
	    echo "Python $$version: all pins resolve"; \
	done

lock: ## resolve all pins again (needs uv)
	@command -v uv >/dev/null 2>&1 || { echo "make lock needs uv (pip install uv)"; exit 1; }
	sed -E '/^-[cer] /d' requirements.txt requirements-dev.txt | uv pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate - --output-file constraints.txt
	@{ echo "# Every transitive pin, for Python 3.10 to 3.13. Made by \`make lock\`; do not edit."; cat constraints.txt; } > constraints.new && mv constraints.new constraints.txt

clean: ## remove what was built; the environment stays
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache .hypothesis .benchmarks
