# tests/bench: what tests/bench/run measures with; not built by default.

bench_tools = tests/bench/flush tests/bench/load tests/bench/pipeline \
	tests/bench/rotate tests/bench/skeleton
EXTRA_PROGRAMS = $(bench_tools)
CLEANFILES += $(bench_tools)
BENCH_LIBS = libcommon.a libcompat.a $(LIBBSD_LIBS)

tests_bench_flush_SOURCES = tests/bench/flush.c
tests_bench_flush_LDADD = $(BENCH_LIBS)
tests_bench_load_SOURCES = tests/bench/load.c
tests_bench_load_LDADD = $(BENCH_LIBS)
tests_bench_pipeline_SOURCES = tests/bench/pipeline.c
nodist_tests_bench_pipeline_SOURCES = src/broker/queries.c src/broker/queries.h
tests_bench_pipeline_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_bench_pipeline_LDADD = $(LIBPQ_LIBS) $(CRYPTO_LIBS) $(BENCH_LIBS)
tests_bench_rotate_SOURCES = tests/bench/rotate.c
nodist_tests_bench_rotate_SOURCES = src/broker/queries.c src/broker/queries.h
tests_bench_rotate_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_bench_rotate_LDADD = $(LIBPQ_LIBS) $(CRYPTO_LIBS) $(BENCH_LIBS)
tests_bench_skeleton_SOURCES = tests/bench/skeleton.c
tests_bench_skeleton_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS) \
	$(LIBPQ_CFLAGS) $(CRYPTO_CFLAGS)
tests_bench_skeleton_LDADD = $(LIBEVENT_EXTRA_LIBS) $(LIBEVENT_CORE_LIBS) \
	$(LIBPQ_LIBS) $(CRYPTO_LIBS) $(BENCH_LIBS)

bench-programs: $(BUILT_SOURCES) $(bench_tools)
