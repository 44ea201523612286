# The named tasks. `make` alone lists them. Two of them are all a fresh machine needs: demo and test.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

ARGS ?=
JOBS ?= 2

export PYTHON
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_NO_INPUT := 1

# Everything runs on the environment's own interpreter, and every path is relative: the folder may be called anything.
VENV := .venv
PY := $(VENV)/bin/python
# Hash mode: only what the lock names, byte for byte. The lock is whole, so nothing is resolved anew: an older pip would
# look for the newest release of a package that another one wants with an extra, and refuse it.
FETCH = { $(PY) -m pip install --no-deps --require-hashes --requirement $(1) 2>&1 || echo FAILED; } | sh -c "$$PROGRESS"
SAY := printf '\033[1m%s\033[0m\n'

PACKAGES := storage reminders casework bot locales
TRANSLATED := zh_CN   # English needs no catalogue: it is the source
BABEL = $(PY) -m babel.messages.frontend --quiet
CATALOGUES := $(wildcard locales/*/LC_MESSAGES/fangpingcha.po)
COMPILED := $(CATALOGUES:.po=.mo)

# Prints the first Python that will do: the one named with PYTHON=…, or else the first fit one of the usual names.
define FIND_PYTHON
lame=
if [ -n "$$PYTHON" ]; then set -- "$$PYTHON"; else set -- python3 python python3.13 python3.12 python3.11 python3.14; fi
for name in "$$@"; do
    command -v "$$name" >/dev/null 2>&1 || continue
    "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 || continue
    if "$$name" -c 'import venv, ensurepip' >/dev/null 2>&1; then command -v "$$name"; exit 0; fi
    lame=$${lame:-$$name}
done
if [ -n "$$lame" ]; then
    version=$$("$$lame" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "Python $$version lacks its venv module: install it (Debian, Ubuntu: apt install python$$version-venv) and try again." >&2
else
    echo "Python 3.11 or newer is missing: install it, or name it with PYTHON=/path/to/python3.12 after make." >&2
fi
exit 1
endef
export FIND_PYTHON

# Turns what pip says into the bare names of what it fetches, as it fetches them; from an error on, all of it.
define PROGRESS
printf '    '; wrong=
while IFS= read -r line; do
    case "$$wrong$$line" in
        'Collecting '*) name=$${line#Collecting }; printf ' %s' "$${name%%[=<>~ ]*}" ;;
        'Installing collected packages'*) printf '\n     unpacking …' ;;
        'ERROR: '*) wrong=yes; printf '\n%s\n' "$$line" ;;
        yesFAILED|FAILED) exit 1 ;;
        yes*) printf '%s\n' "$$line" ;;
    esac
done
echo
endef
export PROGRESS

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

# ---------------------------------------------------------------------------------------------- people

.PHONY: demo
demo: $(VENV)/installed $(COMPILED) ## start the assistant with an invented county, in the browser (ARGS="--port 9000")
	@exec $(VENV)/bin/fangpingcha demo $(ARGS)

.PHONY: test
test: $(VENV)/developer $(COMPILED) ## run every test, on SQLite and on PostgreSQL (ARGS="tests/storage -k lane")
	@$(PY) -m pytest -n $(JOBS) $(ARGS)

# ------------------------------------------------------------------------------------------ developers

.PHONY: lint
lint: $(VENV)/developer $(COMPILED) ## style, types, floors, house rules, catalogues
	@$(SAY) 'style' && $(PY) -m ruff check .
	@$(SAY) 'format' && $(PY) -m ruff format --check .
	@$(SAY) 'types' && $(PY) -m mypy
	@$(SAY) 'floors' && $(VENV)/bin/lint-imports --no-logo
	@$(SAY) 'house rules and catalogues' && $(PY) -m pytest -q tests/house/test_house.py tests/house/test_catalogues.py

.PHONY: types
types: $(VENV)/developer ## types alone
	@$(PY) -m mypy $(ARGS)

.PHONY: format
format: $(VENV)/developer ## rewrite the code in the house's format
	@$(PY) -m ruff check --fix-only --quiet .
	@$(PY) -m ruff format .

.PHONY: coverage
coverage: $(VENV)/developer $(COMPILED) ## the tests, and the lines they never reached
	@$(PY) -m pytest -n $(JOBS) --cov --cov-report=term $(ARGS)

.PHONY: golden
golden: $(VENV)/developer $(COMPILED) ## play the kept conversations anew (ARGS="talk"); then read the difference
	@$(PY) -m tests.golden $(ARGS)

.PHONY: pictures
pictures: $(VENV)/developer $(COMPILED) ## take the pictures of the docs anew, in a real browser; then look at them
	@$(PY) -m pytest -q -n 0 tests/browser/pictures.py $(ARGS)

.PHONY: soak
soak: $(VENV)/developer $(COMPILED) ## the long tests: kills by the hundred, more seeds, more days
	@$(PY) -m pytest -n $(JOBS) -m soak --timeout 1800 $(ARGS)

.PHONY: sabotage
sabotage: $(VENV)/developer $(COMPILED) ## plant faults in a copy, one at a time: the tests have to notice (ARGS="lease")
	@$(PY) -m tests.sabotage --jobs $(JOBS) $(ARGS)

.PHONY: bench
bench: $(VENV)/developer $(COMPILED) ## measure the promised speeds
	@$(PY) -m bench $(ARGS)

.PHONY: migrate-check
migrate-check: $(VENV)/developer ## migrations reach exactly the tables of the code, on both databases
	@$(PY) -m pytest -q tests/house/test_migrations.py $(ARGS)

.PHONY: messages
messages: $(VENV)/developer ## collect new sentences from the code into locales/*/LC_MESSAGES/fangpingcha.po
	@$(BABEL) extract --mapping-file babel.cfg --add-location file --sort-by-file --project fangpingcha \
		--output-file locales/fangpingcha.pot $(PACKAGES)
	@for locale in $(TRANSLATED); do \
		if [ -f "locales/$$locale/LC_MESSAGES/fangpingcha.po" ]; then \
			$(BABEL) update --domain fangpingcha --input-file locales/fangpingcha.pot --output-dir locales --locale "$$locale" \
				--no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap; \
		else \
			$(BABEL) init --domain fangpingcha --input-file locales/fangpingcha.pot --output-dir locales --locale "$$locale" --no-wrap; \
		fi || exit 1; \
	done

.PHONY: compile
compile: $(COMPILED) ## compile the catalogues

.PHONY: lock
lock: ## pin every dependency with its hash for Python 3.11 and newer (ARGS=--upgrade)
	@set -e; python=$$(sh -c "$$FIND_PYTHON"); tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	"$$python" -m venv "$$tools"; "$$tools/bin/python" -m pip --quiet install uv; \
	pin() { "$$tools/bin/uv" --quiet --no-config pip compile --python "$$tools/bin/python" --no-python-downloads \
		--universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
		--custom-compile-command 'make lock' pyproject.toml --extra postgres $(ARGS) "$$@" >/dev/null; }; \
	pin --group dev --output-file requirements-dev.lock; \
	pin --group build --constraint requirements-dev.lock --output-file requirements.lock

.PHONY: clean
clean: ## remove what was made here (never anybody's data)
	@rm -rf $(VENV) build dist htmlcov .coverage .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@rm -f locales/fangpingcha.pot locales/*/LC_MESSAGES/fangpingcha.mo
	@find $(PACKAGES) tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

# --------------------------------------------------------------------------------------- installation
# A stamp says which lock was installed: as long as nothing changed, a task starts at once.

$(PY):
	@python=$$(sh -c "$$FIND_PYTHON") && $(SAY) "1/3  making .venv with $$("$$python" --version)" && "$$python" -m venv --clear $(VENV)

$(VENV)/installed: requirements.lock pyproject.toml hatch_build.py $(PY)
	@$(SAY) '2/3  fetching what the product needs (a minute or so, once)'
	@$(call FETCH,requirements.lock)
	@$(SAY) '3/3  installing the product'
	@$(PY) -m pip --quiet install --no-deps --no-build-isolation --editable .
	@touch $@

# On top of the former, never beside it: two installers in one environment get in each other's way.
$(VENV)/developer: requirements-dev.lock $(VENV)/installed
	@$(SAY) '     fetching what tests and checks need'
	@$(call FETCH,requirements-dev.lock)
	@touch $@

%.mo: %.po hatch_build.py | $(VENV)/installed
	@$(PY) -c 'import sys; from pathlib import Path; from hatch_build import compile_catalogue; compile_catalogue(Path(sys.argv[1]))' $<
