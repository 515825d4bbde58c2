# Everything that is done with the book. `make` lists the targets.
#
# The environment in .venv/ is made on demand and brought up to date when the pinned
# requirements change. Nothing is needed beforehand but Python 3.11 to 3.14 and make; uv is used
# where it is found. Written for GNU Make 3.81, which macOS has.

PORT ?= 8000

# Given on the command line, e.g. `make book COHORT="my data.csv"`. Whatever stands there is text:
# make takes it unexpanded and hands it on in the environment, where the shell looks for no command.
override COHORT := $(value COHORT)
override MAPPING := $(value MAPPING)
override ROUND_MONTHS := $(value ROUND_MONTHS)
override PORT := $(value PORT)
override UPGRADE := $(value UPGRADE)
override NEWEST := $(value NEWEST)
override N := $(value N)
export COHORT MAPPING ROUND_MONTHS PORT UPGRADE NEWEST N
OWN_COHORT = $${COHORT:+"--cohort=$$COHORT"} $${MAPPING:+"--mapping=$$MAPPING"} \
    $${ROUND_MONTHS:+"--round-months=$$ROUND_MONTHS"}

VENV := .venv
BIN  := $(VENV)/bin
PY   := $(BIN)/python
SITE := _build/html

.PHONY: help book test test-search test-all serve lab intake notebooks formats synthetic \
    ensemble spread bench lint lock pdf links plain release class exercises slides handout clean
.DEFAULT_GOAL := help

help:
	@echo 'make book         execute the notebooks and build the site into $(SITE)/'
	@echo '                  with COHORT=file.csv [MAPPING=file.toml]: on your own cohort,'
	@echo '                  [ROUND_MONTHS=1]: with its times rounded to whole months'
	@echo 'make serve        show the site on 127.0.0.1, port '"$$PORT"' (PORT=)'
	@echo 'make lab          open the notebooks in JupyterLab; with COHORT and MAPPING as above,'
	@echo '                  copies of them in _build/lab/'
	@echo 'make intake       read a file of your own cohort, answer what it leaves open and build the'
	@echo '                  book, on a page in your browser that only this computer can see'
	@echo 'make pdf          the whole book as one file, in two versions (COHORT= as above)'
	@echo 'make slides       slides of each chapter, in _build/slides/'
	@echo 'make exercises    exercises and solutions as notebooks, in _build/exercises/'
	@echo 'make class        a drawn cohort for each of N=20 residents, in _build/class/'
	@echo 'make handout      one zip file of all that a lesson of N=20 needs, without internet'
	@echo 'make test         run the tests: unit, notebooks, site'
	@echo 'make test-search  run those of the search for the synthetic cohort, which `make test`'
	@echo '                  leaves out'
	@echo 'make test-all     run both'
	@echo 'make notebooks    execute the notebooks in place, to refresh their committed outputs'
	@echo 'make synthetic    make data/synthetic_cohort.csv again'
	@echo 'make ensemble     make data/ensemble.zip again'
	@echo 'make spread       compute data/spread.csv again, which follows from the ensemble'
	@echo 'make bench        time the estimators beside lifelines, statsmodels and R'
	@echo 'make lint         check style, types and imports'
	@echo 'make formats      install what reads SPSS, Stata, SAS, R, .ods and .xls'
	@echo 'make lock         pin the packages again, from pyproject.toml; UPGRADE=name takes the newest'
	@echo '                  allowed version of a package, NEWEST=1 of all'
	@echo 'make links        ask every other site that the book links to whether the page is there'
	@echo 'make plain        build the site without Jupyter Book, by Sphinx alone'
	@echo 'make release      the site, the PDFs and the source in _build/release/, with checksums'
	@echo 'make clean        delete what was built'

book: $(VENV)/ready
	$(PY) -m reanalysis book $(OWN_COHORT)

pdf: $(VENV)/ready
	$(PY) -m reanalysis pdf $(OWN_COHORT)

release: $(VENV)/ready
	$(PY) -m reanalysis release

slides exercises: $(VENV)/ready
	$(PY) -m reanalysis $@

class handout: $(VENV)/ready
	$(PY) -m reanalysis $@ $${N:+"--residents=$$N"}

links plain: $(VENV)/ready
	$(PY) -m reanalysis $@

serve: $(VENV)/ready
	@test -f $(SITE)/index.html || { echo "There is no site yet: run 'make book' first."; exit 1; }
	@$(PY) -u -m http.server --bind 127.0.0.1 --directory $(SITE) "$$PORT"

lab: $(VENV)/ready
	$(PY) -m reanalysis lab $(OWN_COHORT)

intake: $(VENV)/ready
	@$(PY) -u -m reanalysis intake

formats: $(VENV)/ready
	$(INSTALL) --require-hashes -r requirements-formats.txt

# The site first: its tests look at what `make book` builds, and nbval compares the committed outputs
# with what that has executed. A notebook's cells must stay with one worker. pyproject.toml leaves the
# tests of the search out.
define run_tests
	$(PY) -m reanalysis book
	REANALYSIS_SITE=$(SITE) $(PY) -m pytest -n logical --maxprocesses 8 --dist loadfile \
	    --nbval --nbval-current-env --nbval-cell-timeout 300 \
	    --nbval-sanitize-with tests/nbval_sanitize.cfg \
	    --nbval-executed _build/book/notebooks tests notebooks
endef

test: $(VENV)/ready-dev
	$(run_tests)

test-all: $(VENV)/ready-dev
	$(run_tests) -m ""

# In one process: most of the time goes to compiling, which a second one would do again. Continuous
# integration runs these tests where what is kept here is not the digest of what they test.
test-search: $(VENV)/ready-dev
	@digest=$$($(PY) tests/synthesis/digest.py) && \
	$(PY) -m pytest -m search tests/synthesis && \
	echo "$$digest" > tests/synthesis/passed.txt

notebooks: $(VENV)/ready
	$(PY) -m reanalysis notebooks

synthetic: $(VENV)/ready-dev
	$(PY) -m synthesis

ensemble: $(VENV)/ready-dev
	$(PY) -m synthesis --ensemble

spread: $(VENV)/ready
	$(PY) -m reanalysis spread

bench: $(VENV)/ready-dev
	$(PY) tests/bench.py

# The tests import their helpers from their own folders.
TEST_FOLDERS = tests $(sort $(dir $(wildcard tests/*/*.py)))

lint: $(VENV)/ready-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/deptry reanalysis notebooks --optional-dependencies-dev-groups dev
	$(BIN)/deptry synthesis $(TEST_FOLDERS) --ignore DEP002
	$(BIN)/zizmor --offline --quiet .github
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/oxlint --deny-warnings reanalysis/page/widgets/js book/_assets/widgets.js tests/js

# None is made from another that adds to it, so that a reader installs no more than is wanted. All
# agree with requirements.txt. Binder and JupyterHub's image have Python 3.12 and 3.13.
UPGRADES = $${UPGRADE:+--upgrade-package="$$UPGRADE"} $${NEWEST:+--upgrade}
COMPILE = $(BIN)/uv pip compile pyproject.toml --quiet --universal --no-header --generate-hashes \
    -c lock-limits.txt
lock: $(VENV)/ready-dev
	$(COMPILE) $(UPGRADES) --python-version 3.11 --extra site -o requirements.txt
	$(COMPILE) $(UPGRADES) --python-version 3.11 --extra site --extra cluster --extra dev \
	    -c requirements.txt -o requirements-dev.txt
	$(COMPILE) $(UPGRADES) --python-version 3.11 --extra site --extra formats \
	    -c requirements.txt -o requirements-formats.txt
	$(COMPILE) $(UPGRADES) --python-version 3.12 -c requirements.txt -o binder/requirements.txt
	$(COMPILE) $(UPGRADES) --python-version 3.13 --extra site --extra hub \
	    -c requirements.txt -o docker/requirements.txt

clean:
	rm -rf _build .pytest_cache .mypy_cache .ruff_cache

# --- the environment ---------------------------------------------------------------------------

# Candidates, best first; `make book PYTHON=/path/to/python` overrules them.
PYTHON ?= python3.13 python3.12 python3.14 python3.11 python3 python
override PYTHON := $(value PYTHON)
export PYTHON

# uv does the same as pip, in seconds. UV= (nothing) is pip.
UV ?= $(shell command -v uv 2>/dev/null)
ifneq ($(strip $(UV)),)
INSTALL = $(UV) pip install --quiet --python $(PY)
else
INSTALL = $(PY) -m pip --disable-pip-version-check --no-input install
endif

$(PY):
	@for python in $$PYTHON; do \
	    $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
	        2>/dev/null || continue; \
	    echo "Making $(VENV)/ with $$($$python --version)."; \
	    $$python -m venv --clear $(VENV) && exit 0; \
	    rm -rf $(VENV); \
	    echo "$$python cannot make a virtual environment. On Debian and Ubuntu the package"; \
	    echo "python3-venv is missing: sudo apt install python3-venv"; \
	    exit 1; \
	done; \
	echo "The book needs Python 3.11, 3.12, 3.13 or 3.14; none of these is one: $$PYTHON."; \
	echo "Install one, or name it: make book PYTHON=/path/to/python3.12"; \
	exit 1

$(VENV)/ready: $(PY) requirements.txt pyproject.toml
	@echo 'Installing the pinned packages into $(VENV)/. The first time takes a few minutes.'
	$(INSTALL) --require-hashes -r requirements.txt
	$(INSTALL) --no-deps -e .
	@touch $@

$(VENV)/ready-dev: $(VENV)/ready requirements-dev.txt
	@echo 'Installing what the tests need into $(VENV)/.'
	$(INSTALL) --require-hashes -r requirements-dev.txt
	@touch $@
