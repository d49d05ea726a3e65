# signer: the process with the private keys.  libsigner.a is all of it but
# main(), for the tests.

noinst_LIBRARIES += libsigner.a
libsigner_a_SOURCES = \
	signer/claims.c \
	signer/crypto.c signer/crypto.h signer/crypto_compat.c \
	signer/journal.c signer/journal.h \
	signer/jwk.c signer/jws.c \
	signer/keys.c signer/keys.h \
	signer/mint.c signer/policy.c signer/seed.c signer/token.h
libsigner_a_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)

pkglibexec_PROGRAMS += grantd-signer
grantd_signer_SOURCES = signer/signer.c
grantd_signer_CPPFLAGS = $(AM_CPPFLAGS) $(CRYPTO_CFLAGS)
grantd_signer_LDADD = libsigner.a libcommon.a libcompat.a $(SECCOMP_LIBS) \
	$(CRYPTO_LIBS) $(LIBBSD_LIBS)

dist_sbin_SCRIPTS = signer/grantd-journal-check

dist_man_MANS += docs/grantd-journal-check.8
