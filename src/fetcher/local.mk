# src/fetcher: metadata documents of clients.  libfetcher.a is everything but
# main(), for the unit tests.

noinst_LIBRARIES += libfetcher.a
FETCHER_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/src/fetcher \
	-I$(top_srcdir)/src/json $(LIBEVENT_CFLAGS) $(SSL_CFLAGS)
libfetcher_a_CPPFLAGS = $(FETCHER_CPPFLAGS)
libfetcher_a_SOURCES = \
	src/fetcher/address.c src/fetcher/address.h \
	src/fetcher/answer.c src/fetcher/answer.h \
	src/fetcher/dns.c src/fetcher/dns.h \
	src/fetcher/fetch.c src/fetcher/fetch.h \
	src/fetcher/resolver.c src/fetcher/resolver.h \
	src/fetcher/resolver_files.c src/fetcher/resolver_int.h \
	src/fetcher/tls.c src/fetcher/tls.h \
	src/fetcher/url.c src/fetcher/url.h

pkglibexec_PROGRAMS += grantd-fetcher
grantd_fetcher_CPPFLAGS = $(FETCHER_CPPFLAGS)
grantd_fetcher_SOURCES = src/fetcher/fetcher.c
grantd_fetcher_LDADD = libfetcher.a libjson.a libcommonevent.a libcommon.a \
	libcompat.a $(LIBEVENT_CORE_LIBS) $(SSL_LIBS) $(SECCOMP_LIBS) \
	$(LIBBSD_LIBS)
