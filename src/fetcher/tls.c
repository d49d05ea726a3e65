/*
 * Copyright (c) 2026 The grantd founders
 *
 * Permission to use, copy, modify, and distribute this software for any
 * purpose with or without fee is hereby granted, provided that the above
 * copyright notice and this permission notice appear in all copies.
 *
 * THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES
 * WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
 * MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR
 * ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
 * WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
 * ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF
 * OR IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.
 */

/*
 * TLS by libssl: 1.2 or newer, the certificate must be good and name the
 * host.  Room: fetcher.
 */

#include "config.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "log.h"
#include "tls.h"

struct tls {
	SSL_CTX	*ctx;
};

struct tls_conn {
	SSL	*ssl;
};

/* Where systems keep the certificates, in one file each. */
static const char *const bundles[] = {
	"/etc/ssl/certs/ca-certificates.crt",
	"/etc/ssl/cert.pem",
	"/etc/pki/tls/certs/ca-bundle.crt",
};

static void
tls_bundle(SSL_CTX *ctx, const char *ca_file)
{
	size_t	 i;

	if (ca_file[0] != '\0') {
		if (SSL_CTX_load_verify_locations(ctx, ca_file, NULL) != 1)
			fatalx("%s: no certificates can be read", ca_file);
		return;
	}
	for (i = 0; i < sizeof(bundles) / sizeof(bundles[0]); i++)
		if (access(bundles[i], R_OK) == 0 &&
		    SSL_CTX_load_verify_locations(ctx, bundles[i], NULL) == 1)
			return;
	ERR_clear_error();
	log_warnx("the system has no file of certificates: no document can "
	    "be fetched");
}

struct tls *
tls_new(const char *ca_file)
{
	struct tls	*tls;

	if ((tls = calloc(1, sizeof(*tls))) == NULL ||
	    (tls->ctx = SSL_CTX_new(TLS_client_method())) == NULL ||
	    SSL_CTX_set_min_proto_version(tls->ctx, TLS1_2_VERSION) != 1)
		fatalx("libssl cannot be set up");
	SSL_CTX_set_verify(tls->ctx, SSL_VERIFY_PEER, NULL);
	(void)SSL_CTX_set_options(tls->ctx, SSL_OP_NO_COMPRESSION |
	    SSL_OP_NO_TICKET | SSL_OP_NO_RENEGOTIATION);
	(void)SSL_CTX_set_session_cache_mode(tls->ctx, SSL_SESS_CACHE_OFF);
	tls_bundle(tls->ctx, ca_file);
	return tls;
}

void
tls_free(struct tls *tls)
{
	SSL_CTX_free(tls->ctx);
	free(tls);
}

struct tls_conn *
tls_conn_new(struct tls *tls, int fd, const char *host)
{
	static const unsigned char	 alpn[] = "\010http/1.1";
	X509_VERIFY_PARAM		*param;
	struct tls_conn			*c;
	union {
		const char	*in;
		char		*out;
	} name = { host };		/* only read, whatever the macro says */

	if ((c = calloc(1, sizeof(*c))) == NULL ||
	    (c->ssl = SSL_new(tls->ctx)) == NULL)
		goto fail;
	param = SSL_get0_param(c->ssl);
	X509_VERIFY_PARAM_set_hostflags(param,
	    X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
	if (X509_VERIFY_PARAM_set1_host(param, host, 0) != 1 ||
	    SSL_set_tlsext_host_name(c->ssl, name.out) != 1 ||
	    SSL_set_alpn_protos(c->ssl, alpn, sizeof(alpn) - 1) != 0 ||
	    SSL_set_fd(c->ssl, fd) != 1)
		goto fail;
	SSL_set_connect_state(c->ssl);
	return c;
 fail:
	tls_conn_free(c);
	return NULL;
}

void
tls_conn_free(struct tls_conn *c)
{
	if (c == NULL)
		return;
	SSL_free(c->ssl);
	free(c);
}

/* What libssl said; its queue of errors is empty afterwards. */
static enum tls_result
tls_result(struct tls_conn *c, int r)
{
	enum tls_result	 result;

	switch (SSL_get_error(c->ssl, r)) {
	case SSL_ERROR_NONE:
		result = TLS_OK;
		break;
	case SSL_ERROR_WANT_READ:
		result = TLS_WANT_READ;
		break;
	case SSL_ERROR_WANT_WRITE:
		result = TLS_WANT_WRITE;
		break;
	case SSL_ERROR_ZERO_RETURN:
		result = TLS_ENDED;
		break;
	default:
		result = TLS_FAILED;
		break;
	}
	ERR_clear_error();
	return result;
}

enum tls_result
tls_handshake(struct tls_conn *c)
{
	return tls_result(c, SSL_do_handshake(c->ssl));
}

enum tls_result
tls_write(struct tls_conn *c, const void *p, size_t len, size_t *n)
{
	int	 r;

	*n = 0;
	if (len > INT_MAX)
		return TLS_FAILED;
	r = SSL_write(c->ssl, p, (int)len);
	if (r > 0)
		*n = (size_t)r;
	return tls_result(c, r);
}

enum tls_result
tls_read(struct tls_conn *c, void *p, size_t len, size_t *n)
{
	int	 r;

	*n = 0;
	if (len > INT_MAX)
		return TLS_FAILED;
	r = SSL_read(c->ssl, p, (int)len);
	if (r > 0)
		*n = (size_t)r;
	return tls_result(c, r);
}

const char *
tls_why(const struct tls_conn *c)
{
	long	 error = SSL_get_verify_result(c->ssl);

	return error == X509_V_OK ? "TLS failed" :
	    X509_verify_cert_error_string(error);
}
