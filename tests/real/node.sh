# shellcheck shell=sh
needs=node over="jemalloc tcmalloc mimalloc" least=10000
scenario() {
	cat >all.js <<-'END'
		const { Worker, isMainThread, parentPort, workerData } = require("worker_threads");
		const http = require("http"), zlib = require("zlib"), crypto = require("crypto"), fs = require("fs"), { execFileSync, fork } = require("child_process");
		if (process.argv[2] === "child") { process.send({ from: "child", sum: [...Array(1000).keys()].reduce((a, b) => a + b) }); process.exit(3); }
		if (!isMainThread) {
			const held = [];
			for (let i = 0; i < 2000; i++) held.push(Buffer.alloc(i, workerData));
			return parentPort.postMessage(crypto.createHash("sha1").update(Buffer.concat(held)).digest("hex"));
		}
		const get = port => new Promise((done, fail) => http.get({ port, host: "127.0.0.1" }, answer => {
			let text = ""; answer.on("data", part => text += part); answer.on("end", () => done(text.length)); }).on("error", fail));
		(async () => {
			const words = {};
			for (let i = 0; i < 200000; i++) { const w = "w" + (i * 7919 % 9973); words[w] = (words[w] || 0) + 1; }
			console.log(Object.keys(words).length, JSON.stringify(JSON.parse(JSON.stringify(words))).length);
			console.log(await Promise.all([1, 2, 3, 4].map(n => new Promise((done, fail) => {
				const worker = new Worker(__filename, { workerData: n }); worker.on("message", done); worker.on("error", fail); }))));
			const packed = zlib.gzipSync(Buffer.alloc(1 << 20, "abcdefg")); console.log(packed.length, zlib.gunzipSync(packed).length);
			console.log(crypto.pbkdf2Sync("secret", "salt", 2000, 32, "sha512").toString("hex"));
			const server = http.createServer((request, answer) => answer.end("x".repeat(10000))).listen(0, "127.0.0.1");
			await new Promise(done => server.on("listening", done));
			let total = 0;
			for (let i = 0; i < 40; i++) total += (await Promise.all([...Array(10)].map(() => get(server.address().port)))).reduce((a, b) => a + b);
			server.close(); console.log(total);
			const child = fork(__filename, ["child"]); child.on("message", m => console.log(m));
			await new Promise(done => child.on("exit", code => (console.log("child", code), done())));
			console.log(execFileSync("sh", ["-c", "echo $((6 * 7))"]).toString());
			const wasm = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1, 0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11]);
			console.log((await WebAssembly.instantiate(wasm)).instance.exports.add(20, 22));
			fs.writeFileSync("out.txt", JSON.stringify(words)); console.log(fs.readFileSync("out.txt").length);
			null.property;
		})();
	END
	record node all.js
	record node --perf-basic-prof -e 'console.log([3, 1, 2].sort().map(x => x ** 2))'
	record node --max-old-space-size=40 -e 'const a = []; try { for (;;) a.push(new Array(1e6).fill(1.5)) } catch (e) { console.log(e.name) }' 2>heap.err
	grep -o 'FATAL ERROR: .*' heap.err
}
