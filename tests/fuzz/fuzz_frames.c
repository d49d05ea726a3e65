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
 * Fuzz driver of the framing: the input is what a peer writes, in pieces
 * whose lengths the first byte chooses; every message that the table would
 * let a broker send is decoded as the signer would.
 */

#include "config.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "ipc.h"
#include "msg_signer.h"

static void
frame(struct imsg *imsg)
{
	struct msg_mint		 mint;
	struct msg_pubkey	 key;
	struct ibuf		 view;
	const char		*why;

	if (ipc_check(imsg, ROLE_BROKER, ROLE_SIGNER, &why) == -1 ||
	    imsg_get_ibuf(imsg, &view) == -1)
		return;
	if (imsg_get_type(imsg) == IMSG_SIGNER_MINT) {
		(void)msg_mint_decode(&view, &mint);
		msg_mint_free(&mint);
	} else if (imsg_get_type(imsg) == IMSG_SIGNER_PUBKEY) {
		(void)msg_pubkey_decode(&view, &key);
		msg_pubkey_free(&key);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct imsgbuf	 imsgbuf;
	struct imsg	 imsg;
	size_t		 piece, n;
	int		 fds[2], alive = 1;

	if (size < 2)
		return 0;
	piece = (size_t)data[0] + 1;
	data++, size--;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1 ||
	    fcntl(fds[0], F_SETFL, O_NONBLOCK) == -1 ||
	    fcntl(fds[1], F_SETFL, O_NONBLOCK) == -1 ||
	    ipc_open(&imsgbuf, fds[0], ROLE_SIGNER, ROLE_BROKER) == -1)
		abort();
	while (alive && size > 0) {
		n = size < piece ? size : piece;
		if (write(fds[1], data, n) != (ssize_t)n)
			abort();
		data += n;
		size -= n;
		alive = imsgbuf_read(&imsgbuf) == 1;
		while (alive && imsgbuf_get(&imsgbuf, &imsg) == 1) {
			frame(&imsg);
			imsg_free(&imsg);
		}
	}
	imsgbuf_clear(&imsgbuf);
	close(fds[0]);
	close(fds[1]);
	return 0;
}
