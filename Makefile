# MedSynQ -- make help lists what can be made. Objects go to build/FLAVOUR, nothing else is touched.

VERSION := 1.0.0
# What the programs call themselves: with the commit, where git knows it; a package says its own.
BUILD_VERSION ?= $(VERSION)$(shell git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null | sed 's/^/+g/')

# All cores, unless the caller said -j or is a make itself. Cleaning goes before what follows it.
JOBS ?= $(shell nproc)
ifeq ($(MAKELEVEL)$(filter clean,$(MAKECMDGOALS)),0)
MAKEFLAGS += -j$(JOBS)
endif
# Each rule is ours. Make's own would be tried for every header that a .d file names: four fifths of
# what it takes to find out that nothing is to be made.
MAKEFLAGS += --no-builtin-rules
# For scripts that call make: without this one's jobs, which they cannot join.
ALONE := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL
FLAVOUR := $(if $(SANITIZE),sanitize,plain)
BUILD := build/$(FLAVOUR)

APXS ?= $(firstword $(shell command -v apxs apxs2 2>/dev/null) apxs)
APR_CONFIG ?= apr-1-config
APU_CONFIG ?= apu-1-config
PG_CONFIG ?= pg_config
# PostgreSQL's engine is built where libpq is, and new enough to send several statements in one trip.
PQ_FOLDER := $(shell $(PG_CONFIG) --includedir 2>/dev/null)
ifndef POSTGRESQL
POSTGRESQL := $(if $(shell grep -s LIBPQ_HAS_PIPELINING $(PQ_FOLDER)/libpq-fe.h),yes)
endif

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wno-missing-field-initializers -Werror
# CC, CFLAGS, CPPFLAGS and LDFLAGS are those of whoever builds, from the environment or make's line;
# ours come beside them. What they say of _FORTIFY_SOURCE counts.
MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null)
FLOWS := $(if $(findstring x86_64,$(MACHINE)),-fcf-protection=full,$(if \
	$(findstring aarch64,$(MACHINE)),-mbranch-protection=standard))
HARDENING := -fstack-protector-strong -fstack-clash-protection $(FLOWS) $(if $(findstring \
	_FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
LINKING := -Wl,-z,relro,-z,now,-z,noexecstack
SANITIZERS := -fsanitize=address,undefined -fno-sanitize-recover=undefined
DEFINES := -D_GNU_SOURCE -Imod_medsynq -Ibuild/gen
# The same bytes wherever the checkout lies.
PATHS := '-ffile-prefix-map=$(CURDIR)=.'
INCLUDES = $(shell $(APR_CONFIG) --cppflags --includes) $(shell $(APU_CONFIG) --includes) \
	-isystem $(shell $(APXS) -q INCLUDEDIR) $(if $(POSTGRESQL),-isystem $(PQ_FOLDER),-DMQ_WITHOUT_PGSQL)
CFLAGS ?= -O2 -g
COMPILE = $(CC) -std=c11 $(CFLAGS) $(if $(SANITIZE),$(SANITIZERS) -U_FORTIFY_SOURCE,$(HARDENING)) \
	-fPIC -fvisibility=hidden $(WARNINGS) $(PATHS) $(CPPFLAGS) $(DEFINES) $(INCLUDES) -MMD -MP
LIBRARIES := -lsqlite3 $(if $(POSTGRESQL),-lpq) -lcrypto -lqrencode -licui18n -licuuc -lz -lbrotlienc
PROGRAM_LIBRARIES = $(LIBRARIES) $(shell $(APU_CONFIG) --link-ld) $(shell $(APR_CONFIG) --link-ld) -lpthread

CORE_SOURCES := $(filter-out $(if $(POSTGRESQL),,mod_medsynq/store/pgsql/%),$(sort $(wildcard \
	$(foreach floor,base store domain web,mod_medsynq/$(floor)/*.c mod_medsynq/$(floor)/*/*.c))))
GLUE_SOURCES := $(sort $(wildcard mod_medsynq/glue/*.c))
CTL_SOURCES := $(sort $(wildcard mod_medsynq/ctl/*.c))
GENERATED := build/gen/statements_gen.c build/gen/migrations_gen.c $(if $(POSTGRESQL),build/gen/pgsql_gen.c) \
	build/gen/common_passwords_gen.c
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c tests/unit/*/test_*.c))
object = $(patsubst %.c,$(BUILD)/%.o,$(1))

MODULE := $(BUILD)/mod_medsynq.so
ARCHIVE := $(BUILD)/libmedsynq.a
CTL := $(BUILD)/medsynqctl

.DELETE_ON_ERROR:

.PHONY: all
all: $(MODULE) $(CTL) ## build the module and medsynqctl
	$(if $(POSTGRESQL),,@echo "libpq-dev (libpq 14 or newer) is missing: built without MedSynQDatabase pgsql")

SQLGEN := mod_medsynq/tools/sqlgen
build/sqlgen: $(wildcard $(SQLGEN)/*.[ch])
	@mkdir -p $(@D)
	$(CC) -std=c11 -O1 $(WARNINGS) -D_GNU_SOURCE $(filter %.c,$^) -o $@

# A file that sqlgen would write as it is keeps its time: a statement that changes does not compile
# the house anew. The folders are there for files that go.
SQL := mod_medsynq/store/statements mod_medsynq/store/migrations mod_medsynq/store/pgsql
build/gen/sql.made: build/sqlgen $(SQL) $(wildcard $(SQL:=/*.sql) $(SQL:=/*.list))
	@mkdir -p $(@D)
	build/sqlgen $(SQL) $(@D)
	@touch $@

build/gen/statements_gen.h build/gen/statements_gen.c build/gen/migrations_gen.c build/gen/pgsql_gen.c: build/gen/sql.made
	@test -f $@ || build/sqlgen $(SQL) $(@D)

build/gen/common_passwords_gen.c: mod_medsynq/domain/access/common_passwords.txt
	@mkdir -p $(@D)
	{ printf '#include "domain/access/weak_passwords.h"\nconst char mq_common_passwords[] = "\\n"\n'; \
	sed -e '/^#\( \|$$\)/d' -e 's/[\\"?]/\\&/g' -e 's/.*/"&\\n"/' $<; echo ';'; } > $@

# Six files name it; the others do not become older with each commit. Two makes may come here at once.
build/gen/version_gen.h: FORCE
	@mkdir -p $(@D)
	@echo '#define MEDSYNQ_VERSION "$(BUILD_VERSION)"' > $@.$$$$; \
	cmp -s $@.$$$$ $@ && rm $@.$$$$ || mv $@.$$$$ $@
.PHONY: FORCE

$(BUILD)/%.o: %.c | build/gen/statements_gen.h build/gen/version_gen.h
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) -c $< -o $@

# One string literal holds a whole migration.
$(BUILD)/build/gen/%.o: build/gen/%.c
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) -Wno-overlength-strings -c $< -o $@

$(ARCHIVE): $(call object,$(CORE_SOURCES) $(GENERATED))
	@rm -f $@
	@echo "  ar $@"; $(AR) rcs $@ $^

$(MODULE): $(call object,$(GLUE_SOURCES)) $(ARCHIVE)
	@echo "  ld $@"; $(CC) -shared $(if $(SANITIZE),$(SANITIZERS) -Wl$(comma)-z$(comma)nodelete) $(LINKING) $(LDFLAGS) \
		$(call object,$(GLUE_SOURCES)) -Wl,--whole-archive $(ARCHIVE) -Wl,--no-whole-archive \
		$(LIBRARIES) -o $@
comma := ,

$(BUILD)/medsynqctl: $(call object,$(CTL_SOURCES)) $(ARCHIVE)
	@echo "  ld $@"; $(CC) -pie $(if $(SANITIZE),$(SANITIZERS)) $(LINKING) $(LDFLAGS) $^ \
		$(PROGRAM_LIBRARIES) -o $@

$(BUILD)/unit/trail/test_trail: $(call object,mod_medsynq/ctl/ctl_trail.c mod_medsynq/ctl/ctl_trail_groups.c mod_medsynq/ctl/ctl_trail_views.c)
.SECONDARY: $(BUILD)/tests/unit/fixture.o
$(BUILD)/unit/%: tests/unit/%.c $(BUILD)/tests/unit/fixture.o $(ARCHIVE)
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) -Itests/unit $< $(filter %.o,$^) $(ARCHIVE) -lcmocka -lbrotlidec $(PROGRAM_LIBRARIES) -o $@

ISOLATION := $(BUILD)/isolation/walls $(BUILD)/isolation/walls-first $(BUILD)/isolation/console \
	$(BUILD)/isolation/scopes
$(filter-out %-first,$(ISOLATION)): $(BUILD)/isolation/%: tests/isolation/%.c $(ARCHIVE)
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) $< $(ARCHIVE) $(PROGRAM_LIBRARIES) -o $@

# The first wall alone: no_wall.c is linked before the archive's sqlite_guard.o.
$(BUILD)/isolation/walls-first: tests/isolation/walls.c tests/isolation/no_wall.c $(ARCHIVE)
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) tests/isolation/walls.c tests/isolation/no_wall.c $(ARCHIVE) \
		$(PROGRAM_LIBRARIES) -o $@

LINEAR := $(BUILD)/linear/parsers $(BUILD)/linear/branches
$(LINEAR): $(BUILD)/linear/%: tests/linear/%.c $(BUILD)/tests/unit/fixture.o $(ARCHIVE)
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) -Itests/unit $< $(BUILD)/tests/unit/fixture.o $(ARCHIVE) -lcmocka \
		$(PROGRAM_LIBRARIES) -o $@

PYTEST := /usr/bin/python3 -m pytest -c tests/pytest.ini

.PHONY: unit
unit: $(UNIT_TESTS) ## build and run the unit tests
	@tests/run-units $(UNIT_TESTS)

.PHONY: lint
lint: ## layers, circles, names, format, subjects, forbidden calls, SQL, cppcheck, clang-tidy
	@mod_medsynq/tools/packages test
	@/usr/bin/python3 tests/lint/lint.py
	@$(ALONE) tests/lint/analyse

C_FILES = $(shell git ls-files --cached --others --exclude-standard '*.c' '*.h')

.PHONY: format
format: ## write every C file as .clang-format says; the lint refuses others
	@mod_medsynq/tools/packages test
	clang-format -i $(C_FILES)

.PHONY: messages
messages: ## write the table of docs/troubleshooting.md from base/messages.c
	@mod_medsynq/tools/messages

.PHONY: hooks
hooks: ## let git check format and house rules at each commit of this clone
	git config core.hooksPath tests/lint/hooks

# For editors (clangd looks in build/ by itself): the same flags as the compiler gets.
.PHONY: compile_commands.json
compile_commands.json: build/gen/statements_gen.h build/gen/version_gen.h ## tell editors how each C file is compiled
	@/usr/bin/python3 tests/lint/compile_commands.py build/$@ $(filter %.c,$(C_FILES)) -- $(COMPILE)

# Pinned by tests/browser/package-lock.json. Without them the tests that use them fail, the others run.
NODE_MODULES := build/npm/node_modules/.package-lock.json
$(NODE_MODULES): tests/browser/package.json tests/browser/package-lock.json
	@mkdir -p build/npm && cp $^ build/npm/
	@cd build/npm && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error

.PHONY: test
test: ## install what the tests need and run them all (SANITIZE=1: under ASan and UBSan)
	@mod_medsynq/tools/packages test
	@$(MAKE) --no-print-directory all
	@$(MAKE) --no-print-directory $(UNIT_TESTS) $(ISOLATION)
	@$(if $(SANITIZE),$(MAKE) --no-print-directory SANITIZE= build/plain/libmedsynq.a)
	@$(MAKE) --no-print-directory $(NODE_MODULES) || echo "axe-core and the HTML checker are missing" >&2
	@$(ALONE) tests/run-all

# libFuzzer with ASan and UBSan, in a build of its own: clang brings the fuzzer.
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
SECONDS ?= 60
.PHONY: fuzz fuzzers
fuzz: ## feed every parser with nonsense (SECONDS=60 for each)
	@mod_medsynq/tools/packages test
	@$(ALONE) tests/run-fuzz $(SECONDS)

fuzzers:
	@$(MAKE) --no-print-directory CC=clang SANITIZE=1 BUILD=build/fuzz \
		CFLAGS='-O1 -g -fsanitize=fuzzer-no-link' $(FUZZERS)

build/fuzz/fuzz_%: tests/fuzz/fuzz_%.c build/fuzz/libmedsynq.a
	@mkdir -p $(@D)
	@echo "  cc $<"; $(COMPILE) -fsanitize=fuzzer $< build/fuzz/libmedsynq.a $(PROGRAM_LIBRARIES) -o $@

.PHONY: fresh
fresh: ## prove on a bare Debian that make run and make test do everything (root; FRESH="run test deb rpm")
	@mod_medsynq/tools/packages fresh
	@$(ALONE) tests/fresh $(FRESH)

BENCH ?=
.PHONY: bench
bench: ## measure beside a file of the same size and raw SQLite (BENCH="--only growth", PEERS=1: PHP, Node, Go too)
	@mod_medsynq/tools/packages bench
	@$(MAKE) --no-print-directory all
	@/usr/bin/python3 tests/bench/bench.py $(if $(PEERS),--peers) $(BENCH)

.PHONY: instructions
instructions: ## count the instructions of each page under callgrind
	@mod_medsynq/tools/packages bench
	@$(MAKE) --no-print-directory all
	@/usr/bin/python3 tests/bench/instructions.py

TURNS ?= 2
CLIENTS ?= 16
STANDBYS ?= 1
.PHONY: drill
drill: ## kill -9 of a primary, a standby and two httpds under load, and what was lost (TURNS=, CLIENTS=, STANDBYS=)
	@mod_medsynq/tools/packages drill
	@$(MAKE) --no-print-directory all
	@/usr/bin/python3 tests/drill/drill.py --turns $(TURNS) --clients $(CLIENTS) --standbys $(STANDBYS)

PORT ?= 8000
STATE ?= var

.PHONY: run
run: ## install what is missing, build, and serve on http://localhost:8000 (PORT=, STATE=, CONF=, GDB=1)
	@mod_medsynq/tools/packages $(if $(GDB),debug,run)
	@$(MAKE) --no-print-directory all
	@MODULE='$(CURDIR)/$(MODULE)' PORT='$(PORT)' STATE='$(STATE)' CONF='$(CONF)' GDB='$(GDB)' exec mod_medsynq/tools/serve

DESTDIR ?=
PREFIX ?= /usr/local
MODULES ?= $(shell $(APXS) -q LIBEXECDIR)
# Where httpd's configuration has modules: debian or redhat.
LAYOUT ?= $(if $(wildcard /etc/apache2/mods-available),debian,$(if $(wildcard /etc/httpd),redhat,debian))
LOAD_FILE := $(if $(filter redhat,$(LAYOUT)),/etc/httpd/conf.modules.d/10-medsynq.conf,/etc/apache2/mods-available/medsynq.load)
CONF_FILE := $(if $(filter redhat,$(LAYOUT)),/etc/httpd/conf.d/medsynq.conf,/etc/apache2/mods-available/medsynq.conf)
.PHONY: install
install: all ## install the module, its configuration and pages (DESTDIR=, PREFIX=, LAYOUT=debian|redhat)
	install -d "$(DESTDIR)$(MODULES)" "$(DESTDIR)$(PREFIX)/share/medsynq"
	install -m 644 $(MODULE) "$(DESTDIR)$(MODULES)/mod_medsynq.so"
	cp -R templates htdocs "$(DESTDIR)$(PREFIX)/share/medsynq/"
	chmod -R u=rwX,go=rX "$(DESTDIR)$(PREFIX)/share/medsynq"
	sed -e 's|/usr/local/share/medsynq|$(PREFIX)/share/medsynq|' conf/medsynq.conf > build/medsynq.conf
	echo "LoadModule medsynq_module $(MODULES)/mod_medsynq.so" > build/medsynq.load
	install -D -m 644 build/medsynq.load "$(DESTDIR)$(LOAD_FILE)"
	install -D -m 644 build/medsynq.conf "$(DESTDIR)$(CONF_FILE)"
	install -D -m 755 $(CTL) "$(DESTDIR)$(PREFIX)/sbin/medsynqctl"
	install -D -m 644 mod_medsynq/packaging/bash-completion/medsynqctl \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/medsynqctl"
	install -D -m 644 mod_medsynq/docs/medsynqctl.8 "$(DESTDIR)$(PREFIX)/share/man/man8/medsynqctl.8"

# What install has put there, and nothing else: not the state, not whatever an administrator has added.
.PHONY: uninstall
uninstall: ## remove what make install has installed (DESTDIR=, PREFIX=); /var/lib/medsynq stays
	@if [ -e "$(DESTDIR)/etc/apache2/mods-enabled/medsynq.load" ]; then \
		echo "httpd still loads the module: a2dismod medsynq, and a restart, come first" >&2; exit 1; \
	fi
	rm -f "$(DESTDIR)$(MODULES)/mod_medsynq.so" "$(DESTDIR)$(LOAD_FILE)" "$(DESTDIR)$(CONF_FILE)" \
		"$(DESTDIR)$(PREFIX)/sbin/medsynqctl" "$(DESTDIR)$(PREFIX)/share/man/man8/medsynqctl.8" \
		"$(DESTDIR)$(PREFIX)/share/bash-completion/completions/medsynqctl"
	rm -rf "$(DESTDIR)$(PREFIX)/share/medsynq"

.PHONY: sbom
sbom: all ## write what module and medsynqctl consist of, as SPDX, to build/medsynq.spdx (Debian)
	@mod_medsynq/tools/sbom "$(BUILD_VERSION)" $(MODULE) $(CTL) > build/medsynq.spdx

.PHONY: deb
deb: ## build a Debian package of the last commit, in build/deb
	@mod_medsynq/tools/packages deb
	@mod_medsynq/tools/deb $(VERSION)

.PHONY: rpm
rpm: ## build an .rpm of the last commit with rpmbuild, in build/rpm
	@mod_medsynq/tools/packages rpm
	@mod_medsynq/tools/rpm $(VERSION)

.PHONY: clean
clean: ## remove everything that was built
	rm -rf build

.PHONY: help
help: ## show this list
	@sed -n 's/^\([a-z_.-]*\):.*## \(.*\)/make \1\t\2/p' Makefile

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
