# tests/fuzz: drivers for libFuzzer, see tests/fuzz/run.  `make check` runs
# each of them on its seeds, with all their cuts and changed bytes.
#
# To add one: a program fuzz_NAME of seeds.c and the driver, a line in
# tests/fuzz/targets, and a directory tests/fuzz/seeds/NAME.

fuzz_tests = tests/fuzz/fuzz_frames tests/fuzz/fuzz_msg tests/fuzz/fuzz_text
FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
FUZZ_LIBS = libcommon.a libcompat.a $(LIBBSD_LIBS)
FUZZ_MAIN = tests/fuzz/seeds.c tests/fuzz/fuzz.h
EXTRA_DIST += tests/fuzz/run tests/fuzz/run-seeds tests/fuzz/targets \
	tests/fuzz/seeds

tests_fuzz_fuzz_frames_SOURCES = tests/fuzz/fuzz_frames.c $(FUZZ_MAIN)
tests_fuzz_fuzz_frames_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_frames_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_msg_SOURCES = tests/fuzz/fuzz_msg.c tests/fuzz/codecs.c \
	tests/fuzz/codecs.h $(FUZZ_MAIN)
tests_fuzz_fuzz_msg_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_msg_LDADD = $(FUZZ_LIBS)
tests_fuzz_fuzz_text_SOURCES = tests/fuzz/fuzz_text.c $(FUZZ_MAIN)
tests_fuzz_fuzz_text_CPPFLAGS = $(FUZZ_CPPFLAGS)
tests_fuzz_fuzz_text_LDADD = $(FUZZ_LIBS)

# signer
fuzz_tests += tests/fuzz/fuzz_signer_journal tests/fuzz/fuzz_signer_keys \
	tests/fuzz/fuzz_signer_mint
SIGNER_FUZZ_CPPFLAGS = $(FUZZ_CPPFLAGS) -I$(top_srcdir)/signer $(CRYPTO_CFLAGS)
SIGNER_FUZZ_LIBS = libsigner.a libcommon.a libcompat.a $(CRYPTO_LIBS) \
	$(LIBBSD_LIBS)
tests_fuzz_fuzz_signer_journal_SOURCES = tests/fuzz/fuzz_signer_journal.c \
	$(FUZZ_MAIN)
tests_fuzz_fuzz_signer_journal_CPPFLAGS = $(SIGNER_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_signer_journal_LDADD = $(SIGNER_FUZZ_LIBS)
tests_fuzz_fuzz_signer_keys_SOURCES = tests/fuzz/fuzz_signer_keys.c \
	$(FUZZ_MAIN)
tests_fuzz_fuzz_signer_keys_CPPFLAGS = $(SIGNER_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_signer_keys_LDADD = $(SIGNER_FUZZ_LIBS)
tests_fuzz_fuzz_signer_mint_SOURCES = tests/fuzz/fuzz_signer_mint.c \
	$(FUZZ_MAIN)
tests_fuzz_fuzz_signer_mint_CPPFLAGS = $(SIGNER_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_signer_mint_LDADD = $(SIGNER_FUZZ_LIBS)

# fetcher
fuzz_tests += tests/fuzz/fuzz_fetcher
tests_fuzz_fuzz_fetcher_SOURCES = tests/fuzz/fuzz_fetcher.c $(FUZZ_MAIN)
tests_fuzz_fuzz_fetcher_CPPFLAGS = $(FETCHER_CPPFLAGS) \
	-I$(top_srcdir)/tests/fuzz
tests_fuzz_fuzz_fetcher_LDADD = libfetcher.a libjson.a libcommon.a \
	libcompat.a $(LIBBSD_LIBS)

# json, frontend
fuzz_tests += tests/fuzz/fuzz_catalogue tests/fuzz/fuzz_http \
	tests/fuzz/fuzz_json tests/fuzz/fuzz_schema \
	tests/fuzz/fuzz_mcp tests/fuzz/fuzz_multipart tests/fuzz/fuzz_query \
	tests/fuzz/fuzz_route tests/fuzz/fuzz_template
FRONTEND_FUZZ_CPPFLAGS = $(FRONTEND_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
FRONTEND_FUZZ_LIBS = libfrontend.a libjson.a libcommon.a libcompat.a \
	$(YAJL_LIBS) $(LIBBSD_LIBS)
tests_fuzz_fuzz_catalogue_SOURCES = tests/fuzz/fuzz_catalogue.c $(FUZZ_MAIN)
tests_fuzz_fuzz_catalogue_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_catalogue_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_http_SOURCES = tests/fuzz/fuzz_http.c $(FUZZ_MAIN)
tests_fuzz_fuzz_http_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_http_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c $(FUZZ_MAIN)
tests_fuzz_fuzz_json_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_json_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_mcp_SOURCES = tests/fuzz/fuzz_mcp.c $(FUZZ_MAIN)
tests_fuzz_fuzz_mcp_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_mcp_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_multipart_SOURCES = tests/fuzz/fuzz_multipart.c $(FUZZ_MAIN)
tests_fuzz_fuzz_multipart_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_multipart_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_query_SOURCES = tests/fuzz/fuzz_query.c $(FUZZ_MAIN)
tests_fuzz_fuzz_query_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_query_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_route_SOURCES = tests/fuzz/fuzz_route.c $(FUZZ_MAIN) \
	$(FRONTEND_ROUTES)
tests_fuzz_fuzz_route_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_route_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_schema_SOURCES = tests/fuzz/fuzz_schema.c $(FUZZ_MAIN)
tests_fuzz_fuzz_schema_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_schema_LDADD = $(FRONTEND_FUZZ_LIBS)
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c $(FUZZ_MAIN)
tests_fuzz_fuzz_template_CPPFLAGS = $(FRONTEND_FUZZ_CPPFLAGS)
tests_fuzz_fuzz_template_LDADD = $(FRONTEND_FUZZ_LIBS)

check_PROGRAMS += $(fuzz_tests)
TESTS += tests/fuzz/run-seeds
