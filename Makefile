# Brigade. `make help` lists the targets.
#
#   BUILD=DIR          where everything lands (build)
#   SANITIZE=a,b       compile with -fsanitize=a,b, into a folder of its own under $(BUILD)
#   V=1                show whole commands          CI=1     warnings are errors
#   TESTS=PATTERN      only the tests whose name contains PATTERN      JOBS=N     so many at once
#   PREFIX= DESTDIR=   for `make install`

VERSION := 0.1.0
BUILD   ?= build
PREFIX  ?= /usr/local
CC      ?= cc
CFLAGS  ?= -O2 -g
TESTS   ?=

comma := ,
out   := $(BUILD)$(if $(SANITIZE),/san-$(subst $(comma),-,$(SANITIZE)))
obj   := $(out)/obj
datadir := $(PREFIX)/share/brigade

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules -j$(shell nproc)

# --- what is built from what ------------------------------------------------------------------

sources = $(wildcard $(addsuffix /*.c,$(1)))
objects = $(patsubst %.c,$(obj)/%.o,$(1))

core_src   := $(call sources,checker/base checker/proto checker/exercise)
engine_src := $(call sources,$(addprefix checker/,build sandbox trace drive grade report session))
lab_src    := $(filter-out lab/main.c lab/tests/%,$(call sources,lab lab/*))

core   := $(out)/libcore.a
engine := $(out)/libengine.a
lab    := $(out)/liblab.a

programs := $(patsubst checker/main.c,$(out)/brigade-check,$(wildcard checker/main.c)) \
            $(patsubst lab/main.c,$(out)/brigade,$(wildcard lab/main.c))

harness      := $(call objects,checker/tests/harness/cases.c)
runner       := $(out)/tests/runner
c_tests      := $(wildcard checker/tests/*_test.c lab/tests/*_test.c)
sh_tests     := $(wildcard checker/tests/*_test.sh lab/tests/*_test.sh lessons/tests/*_test.sh)
test_bins    := $(patsubst %.c,$(out)/tests/%,$(subst /tests/,/,$(c_tests)))
specimens    := $(patsubst checker/tests/programs/%.c,$(out)/tests/programs/%, \
                  $(wildcard checker/tests/programs/*.c))
fuzzers      := $(patsubst checker/tests/fuzz/%.c,$(out)/tests/fuzz/%, \
                  $(wildcard checker/tests/fuzz/*_fuzz.c)) \
                $(patsubst lab/tests/fuzz/%.c,$(out)/tests/lab/fuzz/%, \
                  $(wildcard lab/tests/fuzz/*_fuzz.c))
benches      := $(patsubst checker/tests/bench/%.c,$(out)/tests/bench/%, \
                  $(wildcard checker/tests/bench/*.c)) \
                $(patsubst lab/tests/bench/%.c,$(out)/tests/lab/bench/%, \
                  $(wildcard lab/tests/bench/*.c))
all_tests     = $(test_bins) $(fuzzers) $(sh_tests)

# --- flags ------------------------------------------------------------------------------------

# Asked of pkg-config once, when the first recipe needs it: by then `deps` has run.
once = $(eval $(1) := $(2))$($(1))
checker_cflags = $(call once,checker_cflags,$(shell pkg-config --cflags jansson libseccomp))
lab_cflags     = $(call once,lab_cflags,$(shell pkg-config --cflags ncursesw jansson md4c))
core_libs      = $(call once,core_libs,$(shell pkg-config --libs jansson))
engine_libs    = $(call once,engine_libs,$(shell pkg-config --libs libseccomp) -ljq)
lab_libs       = $(call once,lab_libs,$(shell pkg-config --libs ncursesw md4c))
test_libs      = $(call once,test_libs,$(shell pkg-config --libs cmocka))

warnings := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes $(if $(CI),-Werror)
defines  := -D_GNU_SOURCE -DBRIGADE_VERSION='"$(VERSION)"' -DBRIGADE_DATADIR='"$(datadir)"'
sanitize := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-omit-frame-pointer)
compile   = $(CC) -std=c17 $(defines) $(warnings) $(CPPFLAGS) $(CFLAGS) $(sanitize) -MMD -MP
link      = $(CC) $(CFLAGS) $(sanitize) $(LDFLAGS)

# $(call run,SHORT LINE,COMMAND)
run = $(if $(V),,@printf '  %-7s %s\n' $(1);) $(2)

# --- programs ---------------------------------------------------------------------------------

.PHONY: all
all: $(core) $(engine) $(lab) $(programs) ## build brigade and brigade-check (the default)

$(out)/brigade-check: $(call objects,checker/main.c) $(engine) $(core)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(engine_libs))

$(out)/brigade: $(call objects,lab/main.c) $(lab) $(core)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(lab_libs))

$(core): $(call objects,$(core_src))
$(engine): $(call objects,$(engine_src))
$(lab): $(call objects,$(lab_src))
$(core) $(engine) $(lab):
	@mkdir -p $(@D)
	$(call run,AR $@,rm -f $@ && ar rcs $@ $^)

$(obj)/checker/%.o: checker/%.c | needs
	@mkdir -p $(@D)
	$(call run,CC $<,$(compile) -Ichecker $(checker_cflags) -c -o $@ $<)

# The assembler takes it in, so no compiler tells of it.
$(obj)/checker/grade/prelude.o: checker/grade/prelude.jq

$(obj)/lab/%.o: lab/%.c | needs
	@mkdir -p $(@D)
	$(call run,CC $<,$(compile) -Ilab -Ichecker $(lab_cflags) -c -o $@ $<)

-include $(shell test -d $(obj) && find $(obj) -name '*.d')

# --- what the machine must have ---------------------------------------------------------------

# The goals that promise to install what is missing do; the others only say what is missing.
installs := $(filter deps lab test bench validate,$(MAKECMDGOALS))
kind     := $(if $(filter deps test bench,$(MAKECMDGOALS)),all,build)

.PHONY: deps needs
deps: needs ## install what is missing (apt; elsewhere prints the command)
needs:
	@.ci/deps $(if $(installs),install,check) $(kind)

# Wherever $(BUILD) is, the programs use the exercises and lessons of this tree.
in_tree := env BRIGADE_BUILD=$(abspath $(out)) BRIGADE_ROOT=$(CURDIR) \
           BRIGADE_EXERCISES=$(CURDIR)/exercises BRIGADE_LESSONS=$(CURDIR)/lessons \
           LSAN_OPTIONS=suppressions=$(CURDIR)/checker/tests/lsan.supp:print_suppressions=0

# --- use --------------------------------------------------------------------------------------

.PHONY: lab validate install
lab: all ## install what is missing, build, open the lab
	@if [ -x $(out)/brigade ] && [ -t 0 ] && [ -t 1 ]; then exec $(in_tree) $(out)/brigade; \
	 else exec $(in_tree) $(out)/brigade-check run stats exercises/stats/solutions/prefork-poll --format text; fi

validate: all ## prove every exercise: solutions pass, starters and mutants fail where they must
	@$(in_tree) $(out)/brigade-check validate

install: all ## install under $(DESTDIR)$(PREFIX)
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(datadir)
	install $(programs) $(DESTDIR)$(PREFIX)/bin
	$(out)/brigade --manual >$(DESTDIR)$(PREFIX)/share/man/man1/brigade.1
	cp -R exercises lessons $(DESTDIR)$(datadir)

# --- tests ------------------------------------------------------------------------------------

.PHONY: test test-programs bench pictures soak
test: all test-programs ## build and run every test (TESTS=pattern, SANITIZE=address,undefined)
	@$(in_tree) CC="$(CC)" $(runner) $(if $(JOBS),-j $(JOBS)) $(if $(SANITIZE),--scale 3) \
	  $(if $(TESTS),--only '$(TESTS)') $(all_tests)

test-programs: $(runner) $(test_bins) $(fuzzers) $(specimens)

bench: all test-programs $(benches) ## run the benchmarks (minutes)
	@for bench in checker/tests/bench/*.sh lab/tests/bench/*.sh; do [ ! -f $$bench ] || \
	  $(in_tree) bash $$bench || exit; done

pictures: all $(out)/tests/lab/pictures/svg ## take the README's pictures anew, from real screens
	@$(in_tree) bash lab/tests/pictures/pictures.sh

soak: all ## run everything a thousand times under load (half an hour; SOAK_RUNS=, SOAK_JOBS=, SOAK_EXERCISES=)
	@$(in_tree) bash checker/tests/soak/soak.sh

$(runner): $(call objects,$(call sources,checker/tests/runner))
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^)

$(out)/tests/checker/%: $(obj)/checker/tests/%.o $(harness) $(engine) $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(engine_libs) $(test_libs))

# Fuzz targets with a driver of ours, that tries the same inputs every time.
$(out)/tests/fuzz/%: $(obj)/checker/tests/fuzz/%.o $(obj)/checker/tests/fuzz/main.o $(harness) \
                     $(engine) $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(engine_libs) $(test_libs))

# Those of the lab draw on a screen of ours, which comes before the lab's in the order of linking.
$(out)/tests/lab/fuzz/%: $(obj)/lab/tests/fuzz/%.o $(obj)/lab/tests/fuzz/screen.o \
                         $(obj)/checker/tests/fuzz/main.o $(harness) $(lab) $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(lab_libs) $(test_libs))

$(out)/tests/bench/%: $(obj)/checker/tests/bench/%.o $(engine) $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(engine_libs))

$(out)/tests/lab/bench/%: $(obj)/lab/tests/bench/%.o $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) -lutil)

$(out)/tests/lab/pictures/%: $(obj)/lab/tests/pictures/%.o $(lab) $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(lab_libs))

$(out)/tests/lab/%: $(obj)/lab/tests/%.o $(harness) $(lab) $(core)
	@mkdir -p $(@D)
	$(call run,LINK $@,$(link) -o $@ $^ $(core_libs) $(lab_libs) $(test_libs))

# Programs to be traced stand in for a learner's: no sanitizer, no flag of ours.
$(out)/tests/programs/%.static: checker/tests/programs/%.static.c | needs
	@mkdir -p $(@D)
	$(call run,CC $<,$(CC) -std=gnu17 -Wall -Wextra -g -static -pthread -o $@ $<)

$(out)/tests/programs/%: checker/tests/programs/%.c | needs
	@mkdir -p $(@D)
	$(call run,CC $<,$(CC) -std=gnu17 -Wall -Wextra -g -pthread -o $@ $< $(core_libs))

# --- care -------------------------------------------------------------------------------------

.PHONY: format clean help
format: ## lay out every C file by .clang-format
	clang-format -i $$(find checker lab lessons -name '*.[ch]')

clean: ## remove everything built
	rm -rf $(BUILD)

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile
