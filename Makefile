# SPDX-License-Identifier: Apache-2.0
# Thin wrappers over meson; `make help` lists them.
BUILD ?= build
DEPS = sh tools/install-deps.sh
SETUP = test -f $(BUILD)/build.ninja || meson setup $(BUILD)
TEST = meson test -C $(BUILD) --print-errorlogs

.PHONY: all help deps check demo interop coverage fuzz cross bench bench-charts bench-generate bench-kernels format install clean

all:
	@$(SETUP)
	@meson compile -C $(BUILD)

help:
	@echo 'make           builds into $(BUILD)/'
	@echo 'make check     installs what is missing, builds, runs all tests that need no network'
	@echo 'make demo      installs what is missing, builds, makes up a small cluster and summarises it'
	@echo 'make interop   tests against pyarrow, DuckDB, Polars, fastparquet, nise and moto (from PyPI), parquet-mr and MinIO'
	@echo 'make coverage  line coverage of src/ by make check (ONLY=parquet by the tests of this room and the fuzzers'"'"' corpora);'
	@echo '               fails where src/parquet has less than 95 % of its lines or 85 % of its branches'
	@echo 'make fuzz      all parsers on changed inputs, MINUTES=1 each (EXECUTIONS=N of all together), with the sanitizers'
	@echo 'make cross     builds for s390x (big-endian) and arm64 (ONLY=ppc64el) and tests there, under qemu'
	@echo 'make bench     shukei beside DuckDB, Polars and pyarrow: docs/benchmark.md'
	@echo '               (ONLY=1m,csv these scenarios, BENCH=100m larger data too, RUNS=9 rounds)'
	@echo 'make bench-charts    draws the recorded results over the commits'
	@echo 'make bench-generate  shukei generate beside nise, for the same pod rows'
	@echo 'make bench-kernels   the innermost loops beside memcpy'
	@echo 'make format    formats the C sources'
	@echo 'make install   installs program, library, header, manual (DESTDIR and meson options count)'
	@echo 'make clean     removes the build folders'

deps:
	@$(DEPS) build check

check: deps all
	@$(TEST) --no-suite interop

demo:
	@$(DEPS) build demo
	@BUILD=$(BUILD) sh tools/demo.sh

interop:
	@$(DEPS) build check interop
	@$(MAKE) --no-print-directory all
	@sh tools/venv.sh
	@sh tools/minio.sh
	@sh tools/parquet_mr.sh
	@SHUKEI_PEERS=$(CURDIR)/.venv/bin $(TEST) --suite interop --logbase interoplog

coverage:
	@$(DEPS) build check coverage
	@test -f build-coverage/build.ninja || meson setup build-coverage -Db_coverage=true -Dbuildtype=debug \
		-Dc_args=-fprofile-update=atomic # threads count together; gcovr refuses negative counts
	@find build-coverage -name '*.gcda' -delete
	@meson test -C build-coverage --timeout-multiplier 5 \
		$(if $(ONLY),--suite $(ONLY) --suite fuzz,--no-suite interop --no-suite house)
	@gcovr --root . --object-directory build-coverage --filter src/$(ONLY) --exclude-throw-branches --sort-uncovered
	@gcovr --root . --object-directory build-coverage --filter src/parquet/ --exclude-throw-branches --print-summary \
		--fail-under-line 95 --fail-under-branch 85 >build-coverage/parquet.txt; ended=$$?; \
		sed -n 's/^\(lines\|branches\)/src\/parquet: \1/p' build-coverage/parquet.txt; exit $$ended

cross:
	@$(DEPS) build check cross
	@sh tools/cross.sh $(ONLY)

MINUTES ?= 1
fuzz:
	@$(DEPS) build fuzz
	@EXECUTIONS=$(EXECUTIONS) sh tools/fuzz.sh $$(( $(MINUTES) * 60 )) $(ONLY)

bench:
	@$(DEPS) build interop
	@$(MAKE) --no-print-directory all
	@sh tools/venv.sh
	@sh tools/minio.sh
	@.venv/bin/python bench/run.py --shukei $(BUILD)/src/cli/shukei $(if $(ONLY),--only $(ONLY)) \
		$(if $(BENCH),--scales $(BENCH)) $(if $(RUNS),--runs $(RUNS))

bench-charts:
	@python3 bench/draw.py

bench-generate:
	@$(DEPS) build interop
	@$(MAKE) --no-print-directory all
	@sh tools/venv.sh
	@.venv/bin/python bench/generate.py --shukei $(BUILD)/src/cli/shukei

bench-kernels:
	@$(DEPS) build
	@$(SETUP)
	@ninja -C $(BUILD) bench/kernels
	@$(BUILD)/bench/kernels

format:
	@find include src tests bench examples -name '*.[ch]' -o -name '*.cpp' | xargs clang-format-14 -i

install: all
	@meson install -C $(BUILD)
	@if [ -z "$(DESTDIR)" ] && [ "$$(id -u)" -eq 0 ]; then ldconfig; fi

clean:
	@rm -rf build build-*
