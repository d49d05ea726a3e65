# src/broker: grantd-broker.  queries.[ch] are made of sql/queries.sql.

pkglibexec_PROGRAMS += grantd-broker

QUERIES_AWK = $(srcdir)/src/broker/queries.awk
QUERIES_SQL = $(srcdir)/sql/queries.sql
BROKER_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/broker -Isrc/broker \
	$(LIBEVENT_CFLAGS) $(LIBPQ_CFLAGS) $(CRYPTO_CFLAGS)

# The schema that the statements were written for is the highest migration.
QUERIES_MAKE = dir=$(srcdir)/sql/migrations && $(AWK) -v out=$$out \
	-v schema=`ls $$dir | sed -n 's/^\([0-9]*\)_.*\.sql$$/\1/p' | \
	sort | tail -n 1` -f $(QUERIES_AWK) $(QUERIES_SQL)

src/broker/queries.h: $(QUERIES_AWK) $(QUERIES_SQL) $(srcdir)/sql/migrations
	@$(MKDIR_P) src/broker
	$(AM_V_GEN)out=h; $(QUERIES_MAKE) > $@.tmp
	@mv -f $@.tmp $@

src/broker/queries.c: $(QUERIES_AWK) $(QUERIES_SQL)
	@$(MKDIR_P) src/broker
	$(AM_V_GEN)out=c; $(QUERIES_MAKE) > $@.tmp
	@mv -f $@.tmp $@

BUILT_SOURCES += src/broker/queries.h src/broker/queries.c
CLEANFILES += src/broker/queries.h src/broker/queries.c
EXTRA_DIST += src/broker/queries.awk

grantd_broker_SOURCES = \
	src/broker/array.c src/broker/array.h \
	src/broker/assertion.c \
	src/broker/batch.c src/broker/batch.h \
	src/broker/bind.c src/broker/bind.h \
	src/broker/broker.c src/broker/broker.h \
	src/broker/call.c \
	src/broker/catalogue.c src/broker/catalogue.h \
	src/broker/document.c \
	src/broker/fetch.c src/broker/fetch.h \
	src/broker/db.c src/broker/db.h src/broker/db_int.h \
	src/broker/db_clean.c src/broker/db_conn.c src/broker/db_hosts.c \
	src/broker/db_notice.c src/broker/db_start.c src/broker/db_unit.c \
	src/broker/errmap.c src/broker/errmap.h \
	src/broker/fresh.c \
	src/broker/gate.c \
	src/broker/hash.c src/broker/hash.h \
	src/broker/issue.c \
	src/broker/plan.c \
	src/broker/keys.c \
	src/broker/maintain.c \
	src/broker/mint.c src/broker/mint.h \
	src/broker/operation.c src/broker/statement.h \
	src/broker/pace.c src/broker/pace.h \
	src/broker/password.c \
	src/broker/procedure.c \
	src/broker/queue.c src/broker/queue.h \
	src/broker/rate.c src/broker/rate.h \
	src/broker/refusal.c \
	src/broker/request.c \
	src/broker/sign.c
nodist_grantd_broker_SOURCES = src/broker/queries.c src/broker/queries.h
grantd_broker_CPPFLAGS = $(BROKER_CPPFLAGS)
grantd_broker_LDADD = libcommonevent.a libcommon.a libcompat.a \
	$(LIBEVENT_CORE_LIBS) $(LIBPQ_LIBS) $(CRYPTO_LIBS) \
	$(SECCOMP_LIBS) $(LIBBSD_LIBS)
