// What arrives at a unix datagram socket, which node itself cannot open.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { eventually } from './instance.mjs';

// Binds, says so, and prints every datagram as hexadecimal digits.
const program = `
	use Socket;
	$| = 1;
	my $path = shift;
	my $name = $path =~ s/^@/\\0/r;
	socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
	bind($socket, pack_sockaddr_un($name)) or die "$path: $!";
	chmod(0666, $path);
	print "\\n";
	print unpack("H*", $data), "\\n"
	    while defined(recv($socket, my $data, 65536, 0));
`.replace('my $data, 65536', '$data, 65536');

export class Datagrams {
	texts = [];

	// path: of the socket, or @name in the abstract name space
	static async at(path) {
		const made = new Datagrams();
		made.child = spawn('perl', ['-e', program, path],
			{ stdio: ['ignore', 'pipe', 'inherit'] });
		let bound = false;
		createInterface(made.child.stdout).on('line', (line) => {
			if (bound)
				made.texts.push(Buffer.from(line, 'hex').toString());
			bound = true;
		});
		await eventually(() => bound, 20000, `a socket at ${path}`);
		return made;
	}

	has(pattern, ms = 30000) {
		return eventually(() => this.texts.find((text) =>
			pattern.test(text)), ms, `${pattern} arrives, but only ` +
			JSON.stringify(this.texts));
	}

	close() {
		this.child.kill();
	}
}
