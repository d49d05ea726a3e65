// Many that want the same thing at once.

const waits = 2000;	// ms, how long a unit of work waits for a lock

// The answers to n requests.  When who has the lock stands still for as long
// as others wait for it, these are told to come again, and do; whoever is told
// so earlier has that as the answer.
export function crowd(n, ask) {
	return Promise.all(Array.from({ length: n }, async () => {
		let answer;
		for (let i = 0; i < 5; i++) {
			const begin = performance.now();
			answer = await ask();
			if (answer.status !== 503 || performance.now() - begin < waits)
				break;
		}
		return answer;
	}));
}
