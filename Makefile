# Everything a person types. Needs Python 3.11 or newer and make; npm comes from the lock file.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LEAFLET := app/static/vendor/leaflet
SCRIPTS := $(sort $(wildcard app/static/js/*.js app/static/js/*/*.js))
BUNDLE := app/static/vendor/page
FOLIUMS := tests/benchmarks/page
OLD := tests/browser/old
HOURS := tests/geodata/hours/evaluator
PHONE := $(LEAFLET)/leaflet.js $(BUNDLE)/main.js
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: audit fuzz sbom wheel mutants help run test check format shape bench bench-page bench-travel bench-valhalla bench-analysis notebooks screenshots soak lock clean

help: ## what can be typed here
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | sort | expand -t 13

run: $(VENV)/.run-ready $(PHONE) ## install what is needed, build the demo city if there is no data, and serve
	$(BIN)/nuanfeng run $(ARGS)

test: $(VENV)/.dev-ready $(PHONE) $(OLD)/node_modules/.ready $(HOURS)/node_modules/.ready ## install what is needed and run every test, on all cores
	$(BIN)/python -m pytest -q -n auto --dist loadfile $(ARGS)

check: $(VENV)/.dev-ready ## lint, format, types and walls, as CI does
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev-ready ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

shape: $(VENV)/.dev-ready $(PHONE) ## rooms, floors, arrows and circles, and the columns of style beside other projects; ARGS=anchors fetches those that are not installed
	$(BIN)/python -m tests.shape $(ARGS)

bench: $(VENV)/.dev-ready $(PHONE) $(HOURS)/node_modules/.ready ## our figures beside their peers', in one run; ARGS="nearest batch --quick" narrows it
	$(BIN)/python -m tests.benchmarks $(ARGS)

bench-page: $(VENV)/.dev-ready $(PHONE) $(FOLIUMS)/node_modules/.ready ## the phone page beside naive Folium pages; ARGS=--quick visits each once, ARGS=journeys makes every journey on every phone
	$(BIN)/python -m tests.benchmarks.page $(ARGS)

screenshots: $(VENV)/.dev-ready $(PHONE) ## remake the pictures in app/pictures
	$(BIN)/python -m tests.browser.pictures

bench-valhalla: $(VENV)/.dev-ready ## the place reached first, beside Valhalla's, differences by cause; ARGS="--programs FOLDER"
	$(BIN)/python -m tests.benchmarks.valhalla $(ARGS)

notebooks: $(VENV)/.dev-ready $(PHONE) ## run the essays of notebooks/ and write them as HTML; ARGS="02 05 --dataset NAME" narrows it
	$(BIN)/jupytext --quiet --update --to ipynb notebooks/[0-9]*.py
	$(BIN)/python notebooks/render.py $(ARGS)

bench-travel: ## the same for travel times alone
	$(MAKE) bench ARGS=travel

bench-analysis: ## the same for siting and for joins of up to 10,000,000 points; remakes geodata/pictures/joins.png
	$(MAKE) bench ARGS="siting joins"

soak: $(VENV)/.dev-ready ## kill, fill, damage, misdate and fuzz with full counts, and one table of what happened; ARGS="-k kill" narrows it
	$(BIN)/python -m tests.soak $(ARGS)

audit: $(VENV)/.dev-ready ## known vulnerabilities of the locked packages; red where nothing was looked up
	$(BIN)/python -m tests.security.audit

fuzz: $(VENV)/.dev-ready ## atheris at the doors for hours, addresses, degrees, csv and extracts; ARGS="hours --seconds=600" narrows it
	$(BIN)/python -m tests.security.fuzz $(ARGS)

sbom: $(VENV)/.dev-ready ## what the product is made of, as CycloneDX: build/sbom.json
	mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --output-reproducible --of JSON -o build/sbom.json

mutants: $(VENV)/.dev-ready ## change one comparison, sum, constant or condition at a time and run its room's tests; ARGS="app/voice --many 20"
	$(BIN)/python -m tests.mutants $(ARGS)

wheel: $(VENV)/.run-ready $(PHONE) ## dist/nuanfeng-….whl: the server with a frozen demo city, for any machine; [data] adds import and analysis
	rm -rf build/frozen app/demo
	NUANFENG_HOME=build/frozen $(BIN)/nuanfeng build --streets --lang en
	rm -rf build/frozen/cache && cp -r build/frozen app/demo
	$(BIN)/python -m pip wheel -q --no-deps --no-build-isolation -w dist .
	rm -rf app/demo

lock: $(VENV)/.dev-ready ## resolve dependencies anew into the hash locks, which carry no addresses
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --extra setup --extra data pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 --all-extras -c requirements.lock pyproject.toml -o requirements-dev.lock

clean: ## remove what make made here; datasets stay
	rm -rf $(VENV) node_modules $(FOLIUMS)/node_modules $(OLD)/node_modules $(HOURS)/node_modules app/static/vendor

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Nuanfeng needs Python 3.11 or newer; set PYTHON=…"; exit 1; }
	$(PYTHON) -m venv $(VENV)

# Later targets depend on earlier stamps' lock files only: nothing is installed twice.
$(VENV)/.run-ready: requirements.lock pyproject.toml | $(BIN)/python
	@test -e $(VENV)/.dev-ready || $(BIN)/python -m pip install -q --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev-ready: requirements-dev.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install -q --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# Of Leaflet what app/static/leaflet.mjs names, made from its sources.
$(LEAFLET)/leaflet.js: package.json package-lock.json app/static/leaflet.mjs app/static/leaflet.build.mjs app/static/target.mjs | $(BIN)/python
	@test -e $(BIN)/npm || $(MAKE) $(VENV)/.run-ready
	$(BIN)/npm ci --silent --ignore-scripts --no-audit --no-fund
	rm -rf $(LEAFLET) && mkdir -p $(LEAFLET)
	cp node_modules/leaflet/dist/leaflet.css node_modules/leaflet/LICENSE $(LEAFLET)/
	$(BIN)/node app/static/leaflet.build.mjs $@

$(FOLIUMS)/node_modules/.ready: $(FOLIUMS)/package-lock.json | $(PHONE)
	$(BIN)/npm ci --prefix $(FOLIUMS) --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# opening_hours.js, which tests ask beside our own reading of opening hours.
$(HOURS)/node_modules/.ready: $(HOURS)/package-lock.json | $(PHONE)
	$(BIN)/npm ci --prefix $(HOURS) --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# Chromium 80, 83, 88 and 92, and since when browsers know what.
$(OLD)/node_modules/.ready: $(OLD)/package-lock.json $(OLD)/unpack.py | $(PHONE) $(VENV)/.dev-ready
	$(BIN)/npm ci --prefix $(OLD) --silent --ignore-scripts --no-audit --no-fund
	$(BIN)/python $(OLD)/unpack.py
	@touch $@

$(BUNDLE)/main.js: $(SCRIPTS) app/static/page.build.mjs app/static/target.mjs $(LEAFLET)/leaflet.js
	@test -x node_modules/.bin/rollup || $(BIN)/npm ci --silent --ignore-scripts --no-audit --no-fund
	$(BIN)/node app/static/page.build.mjs $(BUNDLE)
