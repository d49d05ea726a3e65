# tests/unit: programs with cmocka, one per module.  `make check` runs them.
#
# To add one: a line in unit_tests, its sources, and its libraries, in your
# module's block.  Needs more than the default?  Give it _CPPFLAGS that begin
# with $(AM_CPPFLAGS) and _LDADD of its own.
#
#	unit_tests += tests/unit/common_codec
#	tests_unit_common_codec_SOURCES = tests/unit/common_codec.c
#	tests_unit_common_codec_LDADD = libcommon.a $(UNIT_LIBS)

AM_CPPFLAGS += $(CMOCKA_CFLAGS)
UNIT_LIBS = libcompat.a $(CMOCKA_LIBS) $(LIBBSD_LIBS)
unit_tests =

# compat
if NEED_IMSG
unit_tests += tests/unit/compat_ibuf tests/unit/compat_imsg \
	tests/unit/compat_imsg_end tests/unit/compat_imsg_fd
COMPAT_PAIR = tests/unit/compat_pair.c tests/unit/compat_pair.h
tests_unit_compat_ibuf_SOURCES = tests/unit/compat_ibuf.c
tests_unit_compat_ibuf_LDADD = $(UNIT_LIBS)
tests_unit_compat_imsg_SOURCES = tests/unit/compat_imsg.c $(COMPAT_PAIR)
tests_unit_compat_imsg_LDADD = $(UNIT_LIBS)
tests_unit_compat_imsg_end_SOURCES = tests/unit/compat_imsg_end.c \
	$(COMPAT_PAIR)
tests_unit_compat_imsg_end_LDADD = $(UNIT_LIBS)
tests_unit_compat_imsg_fd_SOURCES = tests/unit/compat_imsg_fd.c \
	$(COMPAT_PAIR)
tests_unit_compat_imsg_fd_LDADD = $(UNIT_LIBS)
endif
unit_tests += tests/unit/compat_string
tests_unit_compat_string_SOURCES = tests/unit/compat_string.c
tests_unit_compat_string_LDADD = $(UNIT_LIBS) $(CRYPT_LIBS)

# common
unit_tests += tests/unit/common_codec tests/unit/common_event \
	tests/unit/common_ipc tests/unit/common_msg tests/unit/common_poll
tests_unit_common_codec_SOURCES = tests/unit/common_codec.c
tests_unit_common_codec_LDADD = libcommon.a $(UNIT_LIBS)
tests_unit_common_event_SOURCES = tests/unit/common_event.c
tests_unit_common_event_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)
tests_unit_common_event_LDADD = libcommonevent.a libcommon.a $(UNIT_LIBS) \
	$(LIBEVENT_CORE_LIBS)
tests_unit_common_ipc_SOURCES = tests/unit/common_ipc.c
tests_unit_common_ipc_LDADD = libcommon.a $(UNIT_LIBS)
tests_unit_common_msg_SOURCES = tests/unit/common_msg.c \
	tests/fuzz/codecs.c tests/fuzz/codecs.h
tests_unit_common_msg_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/fuzz
tests_unit_common_msg_LDADD = libcommon.a $(UNIT_LIBS)
tests_unit_common_poll_SOURCES = tests/unit/common_poll.c
tests_unit_common_poll_LDADD = libcommon.a $(UNIT_LIBS)

# parent
unit_tests += tests/unit/parent_lex tests/unit/parent_resource \
	tests/unit/parent_value
PARENT_UNIT_LDADD = libparent.a libcommonevent.a libcommon.a \
	$(LIBEVENT_CORE_LIBS) $(SECCOMP_LIBS) $(UNIT_LIBS)
tests_unit_parent_lex_SOURCES = tests/unit/parent_lex.c
tests_unit_parent_lex_CPPFLAGS = $(libparent_a_CPPFLAGS)
tests_unit_parent_lex_LDADD = $(PARENT_UNIT_LDADD)
tests_unit_parent_resource_SOURCES = tests/unit/parent_resource.c
tests_unit_parent_resource_CPPFLAGS = $(libparent_a_CPPFLAGS)
tests_unit_parent_resource_LDADD = $(PARENT_UNIT_LDADD)
tests_unit_parent_value_SOURCES = tests/unit/parent_value.c
tests_unit_parent_value_CPPFLAGS = $(libparent_a_CPPFLAGS)
tests_unit_parent_value_LDADD = $(PARENT_UNIT_LDADD)
check_PROGRAMS += tests/unit/parent_stub
tests_unit_parent_stub_SOURCES = tests/unit/parent_stub.c
tests_unit_parent_stub_LDADD = libcommon.a libcompat.a $(SECCOMP_LIBS) \
	$(LIBBSD_LIBS)
TESTS += tests/conf/run tests/unit/parent_life

# fetcher
unit_tests += tests/unit/fetcher_parse
tests_unit_fetcher_parse_SOURCES = tests/unit/fetcher_parse.c
tests_unit_fetcher_parse_CPPFLAGS = $(FETCHER_CPPFLAGS)
tests_unit_fetcher_parse_LDADD = libfetcher.a libjson.a libcommon.a \
	$(UNIT_LIBS)

# signer
unit_tests += tests/unit/signer_journal tests/unit/signer_keys \
	tests/unit/signer_policy tests/unit/signer_process \
	tests/unit/signer_token
EXTRA_DIST += tests/unit/signer_fixture.h
SIGNER_UNIT_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS) \
	-I$(top_srcdir)/signer \
	-DJOURNAL_CHECK=\"$(abs_top_srcdir)/signer/grantd-journal-check\"
SIGNER_UNIT_LDADD = libsigner.a libcommon.a $(CRYPTO_LIBS) $(UNIT_LIBS)
tests_unit_signer_journal_SOURCES = tests/unit/signer_journal.c
tests_unit_signer_journal_CPPFLAGS = $(SIGNER_UNIT_CPPFLAGS)
tests_unit_signer_journal_LDADD = $(SIGNER_UNIT_LDADD)
tests_unit_signer_keys_SOURCES = tests/unit/signer_keys.c
tests_unit_signer_keys_CPPFLAGS = $(SIGNER_UNIT_CPPFLAGS)
tests_unit_signer_keys_LDADD = $(SIGNER_UNIT_LDADD)
tests_unit_signer_policy_SOURCES = tests/unit/signer_policy.c
tests_unit_signer_policy_CPPFLAGS = $(SIGNER_UNIT_CPPFLAGS)
tests_unit_signer_policy_LDADD = $(SIGNER_UNIT_LDADD)
tests_unit_signer_token_SOURCES = tests/unit/signer_token.c
tests_unit_signer_token_CPPFLAGS = $(SIGNER_UNIT_CPPFLAGS)
tests_unit_signer_token_LDADD = $(SIGNER_UNIT_LDADD)
tests_unit_signer_process_SOURCES = tests/unit/signer_process.c
tests_unit_signer_process_CPPFLAGS = $(SIGNER_UNIT_CPPFLAGS) \
	-DGRANTD_SIGNER=\"$(abs_top_builddir)/grantd-signer\"
tests_unit_signer_process_LDADD = $(SIGNER_UNIT_LDADD)

# broker
unit_tests += tests/unit/broker_batch tests/unit/broker_errmap \
	tests/unit/broker_hash tests/unit/broker_hosts \
	tests/unit/broker_pace tests/unit/broker_queries \
	tests/unit/broker_queue
tests_unit_broker_batch_SOURCES = tests/unit/broker_batch.c \
	src/broker/batch.c src/broker/queue.c
nodist_tests_unit_broker_batch_SOURCES = src/broker/queries.h
tests_unit_broker_batch_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_batch_LDADD = libcommonevent.a libcommon.a $(UNIT_LIBS) \
	$(LIBEVENT_CORE_LIBS)
tests_unit_broker_errmap_SOURCES = tests/unit/broker_errmap.c \
	src/broker/errmap.c
nodist_tests_unit_broker_errmap_SOURCES = src/broker/queries.h
tests_unit_broker_errmap_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_errmap_LDADD = libcommon.a $(UNIT_LIBS)
tests_unit_broker_hash_SOURCES = tests/unit/broker_hash.c \
	src/broker/hash.c src/broker/queue.c
tests_unit_broker_hash_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_hash_LDADD = libcommonevent.a libcommon.a $(UNIT_LIBS) \
	$(LIBEVENT_CORE_LIBS)
tests_unit_broker_hosts_SOURCES = tests/unit/broker_hosts.c \
	src/broker/db_hosts.c
nodist_tests_unit_broker_hosts_SOURCES = src/broker/queries.h
tests_unit_broker_hosts_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_hosts_LDADD = libcommon.a $(UNIT_LIBS) $(LIBPQ_LIBS) \
	$(SECCOMP_LIBS)
tests_unit_broker_queries_SOURCES = tests/unit/broker_queries.c \
	src/broker/array.c src/broker/operation.c
nodist_tests_unit_broker_queries_SOURCES = src/broker/queries.c
tests_unit_broker_queries_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_queries_LDADD = libcommon.a $(UNIT_LIBS)
tests_unit_broker_pace_SOURCES = tests/unit/broker_pace.c \
	src/broker/pace.c src/broker/rate.c
tests_unit_broker_pace_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_pace_LDADD = libcommon.a $(UNIT_LIBS)
tests_unit_broker_queue_SOURCES = tests/unit/broker_queue.c \
	src/broker/queue.c
tests_unit_broker_queue_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_queue_LDADD = libcommon.a $(UNIT_LIBS)
check_PROGRAMS += tests/unit/broker_calls tests/unit/broker_lanes \
	tests/unit/broker_life tests/unit/broker_load
TESTS += tests/unit/broker_run
EXTRA_DIST += tests/unit/broker_run tests/unit/broker_stub.sql
tests_unit_broker_calls_SOURCES = tests/unit/broker_calls.c \
	tests/unit/broker_harness.c tests/unit/broker_harness.h
nodist_tests_unit_broker_calls_SOURCES = src/broker/queries.h
tests_unit_broker_calls_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_calls_LDADD = libcommon.a libcompat.a $(LIBBSD_LIBS)
tests_unit_broker_lanes_SOURCES = tests/unit/broker_lanes.c \
	tests/unit/broker_harness.c tests/unit/broker_harness.h
nodist_tests_unit_broker_lanes_SOURCES = src/broker/queries.h
tests_unit_broker_lanes_CPPFLAGS = $(BROKER_CPPFLAGS)
tests_unit_broker_lanes_LDADD = libcommon.a libcompat.a $(LIBBSD_LIBS)
tests_unit_broker_life_SOURCES = tests/unit/broker_life.c \
	tests/unit/broker_harness.c tests/unit/broker_harness.h
tests_unit_broker_life_LDADD = libcommon.a libcompat.a $(LIBBSD_LIBS)
tests_unit_broker_load_SOURCES = tests/unit/broker_load.c \
	tests/unit/broker_harness.c tests/unit/broker_harness.h
tests_unit_broker_load_LDADD = libcommon.a libcompat.a $(LIBBSD_LIBS)

# json, frontend
unit_tests += tests/unit/json_test tests/unit/frontend_answer \
	tests/unit/frontend_api tests/unit/frontend_catalogue \
	tests/unit/frontend_credential \
	tests/unit/frontend_form tests/unit/frontend_http \
	tests/unit/frontend_life tests/unit/frontend_mcp \
	tests/unit/frontend_param tests/unit/frontend_schema \
	tests/unit/frontend_parse tests/unit/frontend_route
FRONTEND_UNIT_CPPFLAGS = $(FRONTEND_CPPFLAGS) -I$(top_srcdir)/tests/fuzz \
	-DENDPOINTS_MD=\"$(abs_top_srcdir)/docs/ENDPOINTS.md\" \
	-DGRANTD_FRONTEND=\"$(abs_top_builddir)/grantd-frontend\"
FRONTEND_UNIT_LDADD = libfrontend.a libjson.a libcommon.a $(YAJL_LIBS) \
	$(UNIT_LIBS)
tests_unit_json_test_SOURCES = tests/unit/json_test.c
tests_unit_json_test_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_json_test_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_form_SOURCES = tests/unit/frontend_form.c
tests_unit_frontend_form_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_form_LDADD = $(FRONTEND_UNIT_LDADD)
FRONTEND_CASE = tests/unit/frontend_case.c tests/unit/frontend_case.h \
	tests/unit/frontend_fake.c tests/unit/frontend_stage.c \
	tests/unit/frontend_stage.h
tests_unit_frontend_answer_SOURCES = tests/unit/frontend_answer.c \
	$(FRONTEND_CASE)
tests_unit_frontend_answer_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_answer_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_credential_SOURCES = tests/unit/frontend_credential.c
tests_unit_frontend_credential_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_credential_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_http_SOURCES = tests/unit/frontend_http.c $(FRONTEND_CASE)
tests_unit_frontend_http_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_http_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_life_SOURCES = tests/unit/frontend_life.c $(FRONTEND_CASE)
tests_unit_frontend_life_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_life_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_param_SOURCES = tests/unit/frontend_param.c
tests_unit_frontend_param_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_param_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_api_SOURCES = tests/unit/frontend_api.c
tests_unit_frontend_api_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS) \
	-DSEED=\"$(abs_top_srcdir)/tests/fuzz/seeds/catalogue/shop.json\"
tests_unit_frontend_api_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_catalogue_SOURCES = tests/unit/frontend_catalogue.c
tests_unit_frontend_catalogue_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS) \
	-DSEED=\"$(abs_top_srcdir)/tests/fuzz/seeds/catalogue/shop.json\"
tests_unit_frontend_catalogue_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_schema_SOURCES = tests/unit/frontend_schema.c
tests_unit_frontend_schema_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_schema_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_mcp_SOURCES = tests/unit/frontend_mcp.c
tests_unit_frontend_mcp_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_mcp_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_parse_SOURCES = tests/unit/frontend_parse.c
tests_unit_frontend_parse_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_parse_LDADD = $(FRONTEND_UNIT_LDADD)
tests_unit_frontend_route_SOURCES = tests/unit/frontend_route.c \
	tests/fuzz/route_stubs.h \
	$(FRONTEND_ROUTES)
tests_unit_frontend_route_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_route_LDADD = $(FRONTEND_UNIT_LDADD)

unit_tests += tests/unit/frontend_stream
tests_unit_frontend_stream_SOURCES = tests/unit/frontend_stream.c \
	tests/unit/frontend_server.c tests/unit/frontend_server.h \
	src/frontend/http_conn.c src/frontend/http_listen.c \
	src/frontend/http_server.c src/frontend/http_stream.c \
	src/frontend/http_write.c
tests_unit_frontend_stream_CPPFLAGS = $(FRONTEND_UNIT_CPPFLAGS)
tests_unit_frontend_stream_LDADD = $(FRONTEND_UNIT_LDADD) \
	$(LIBEVENT_CORE_LIBS)

# the end: all of them
if HAVE_CMOCKA
check_PROGRAMS += $(unit_tests)
TESTS += $(unit_tests)
endif
