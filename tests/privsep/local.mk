# tests/privsep: hostile peers, and what a sandbox denies.  Run by
# tests/privsep/run.

check_PROGRAMS += tests/privsep/denials

tests_privsep_denials_SOURCES = tests/privsep/denials.c
tests_privsep_denials_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)
tests_privsep_denials_LDADD = libcommon.a libcompat.a \
	$(LIBEVENT_CORE_LIBS) $(LIBBSD_LIBS) $(SECCOMP_LIBS) $(CRYPT_LIBS)
