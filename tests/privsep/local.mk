# tests/privsep: hostile peers, and what a sandbox denies.  Run by
# tests/privsep/run.

if SANDBOX_LINUX
check_PROGRAMS += tests/privsep/denials tests/privsep/hostile
endif
EXTRA_DIST += tests/privsep/run

tests_privsep_denials_SOURCES = \
	tests/privsep/denials.c tests/privsep/denials.h \
	tests/privsep/denials_abilities.c tests/privsep/denials_attempts.c
tests_privsep_denials_CPPFLAGS = $(AM_CPPFLAGS) $(LIBEVENT_CFLAGS)
tests_privsep_denials_LDADD = libcommon.a libcompat.a \
	$(LIBEVENT_CORE_LIBS) $(LIBBSD_LIBS) $(SECCOMP_LIBS) $(CRYPT_LIBS)

tests_privsep_hostile_SOURCES = \
	tests/privsep/confined.c \
	tests/privsep/hostile.c tests/privsep/hostile_broker.c \
	tests/privsep/hostile_fetcher.c tests/privsep/hostile_frontend.c \
	tests/privsep/hostile_hasher.c tests/privsep/hostile_signer.c \
	tests/privsep/stage.c tests/privsep/stage.h
tests_privsep_hostile_LDADD = libcommon.a libcompat.a $(LIBBSD_LIBS)
