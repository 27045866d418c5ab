# SPDX-License-Identifier: GPL-3.0-or-later
#
# A thin front of CMake and its presets (CMakePresets.json). Every target but `clean` first sees to
# what this machine lacks: cmake/setup.sh installs Debian packages and builds wolfSSL and
# libmosquitto once.
#
#   make run      builds, and runs the first scenario: a street loses power and comes back
#   make build    leaves the program at build/release/blackstart
#   make install  program, scenarios, manual under PREFIX (/usr/local), below DESTDIR
#   make uninstall   removes them
#   make deb, make archive, make image   a package for Debian, an archive for other systems, a
#                 container image: build/package/
#   make package-test   makes them, and tries them on bare systems (root)
#   make test     all tests: release, address and undefined sanitizers, thread sanitizer
#   make bench    benchmarks, and whether README's figures reproduce
#   make figures  measures those figures, and what an event costs, and keeps them
#   make docs     writes the outputs that README and docs/ show
#   make fuzz   FUZZ_SECONDS (60) per fuzz target
#   make soak     long runs         make clean  removes build/ but not these two
#   make lint     clang-tidy with all of its checks, the slow analyzer too
#   make page     bundles the script of report.html anew (sim/report/page/bundle/), when its sources
#                 have changed; needs Node.js
#   make mutants  small wrong changes to the sources: which do the tests notice? (MUTANTS, SEED,
#                 COUNT)
#   make reference   keeps the results of all scenarios as the reference (results/reference/) and
#                 shows what moved
#
# JOBS=N: parallel jobs of the build (default: all cores).

JOBS ?= $(shell nproc)
FUZZ_SECONDS ?= 60
MUTANTS ?= sim/judge sim/cloud devices net sim/read sim/run sim/report sim/cli lua
SEED ?= 1,2,3
COUNT ?= 30
SCENARIO ?= scenarios/5.9-3/power-restore-street.lua
export BLACKSTART_JOBS = $(JOBS)

.PHONY: help build run install uninstall deb archive image package-test test bench figures docs soak
.PHONY: fuzz lint mutants reference page clean
.NOTPARALLEL:

build:
	@bash cmake/setup.sh build
	@bash cmake/build.sh release blackstart

help:
	@sed -n 's/^#   //p' Makefile

run: build
	build/release/blackstart run $(SCENARIO)

install: build
	@bash cmake/build.sh release extras
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" bash cmake/install.sh build/release

uninstall:
	@DESTDIR="$(DESTDIR)" bash cmake/uninstall.sh build/release

deb archive image: build
	@bash cmake/setup.sh package
	@bash cmake/build.sh release extras
	@bash cmake/$@.sh
image: deb

package-test: deb archive image
	@SOURCE_DIR=$(CURDIR) bash cmake/each.sh "package test" tests/packages/test_*.sh

test:
	@bash cmake/setup.sh build test page
	@bash cmake/test.sh

bench:
	@bash cmake/setup.sh build test bench
	@bash cmake/build.sh release benchmarks
	@bash cmake/build.sh release blackstart
	@bash cmake/each.sh "benchmark" build/release/tests/bench_*
	@python3 tests/tools/figures.py build/release
	@for what in instructions cpu threads real; do \
		python3 tests/tools/costs.py build/release $$what || exit; done

figures:
	@bash cmake/setup.sh build test bench
	@bash cmake/build.sh release benchmarks
	@bash cmake/build.sh release blackstart
	@python3 tests/tools/figures.py build/release --write
	@for what in instructions cpu threads real; do \
		python3 tests/tools/costs.py build/release $$what --write || exit; done

docs: build
	@python3 tests/tools/shown.py build/release/blackstart --write

soak:
	@bash cmake/setup.sh build test
	@bash cmake/build.sh release
	@BLACKSTART=$(CURDIR)/build/release/blackstart SOURCE_DIR=$(CURDIR) \
		bash cmake/each.sh "soak test" tests/soak/*.sh

fuzz:
	@bash cmake/setup.sh build fuzz
	@bash cmake/build.sh fuzz
	@FUZZ_SECONDS=$(FUZZ_SECONDS) bash cmake/each.sh "fuzz target" build/fuzz/tests/fuzz_*

lint:
	@bash cmake/setup.sh build test
	@bash cmake/build.sh release
	@bash cmake/build.sh release benchmarks
	@python3 tests/tools/run_clang_tidy.py . build/release --analyzer

mutants:
	@bash cmake/setup.sh build test
	@python3 tests/tools/mutants.py --severe --scripts --seed $(SEED) --count $(COUNT) $(MUTANTS)

reference: build
	@python3 tests/tools/reference.py build/release/blackstart --write

page:
	@bash cmake/setup.sh page
	@node sim/report/page/build.mjs build/deps/page/node_modules sim/report/page/bundle

clean:
	rm -rf build/dev build/release build/asan build/tsan build/fuzz
