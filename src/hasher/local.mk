# src/hasher: password hashes, one file

pkglibexec_PROGRAMS += grantd-hasher

grantd_hasher_SOURCES = src/hasher/hasher.c
grantd_hasher_LDADD = libcommon.a libcompat.a $(LIBBSD_LIBS) \
	$(SECCOMP_LIBS) $(CRYPT_LIBS)
