# SPDX-License-Identifier: GPL-2.0-or-later
# expect: success
# timeout: 150
# modes: prefix
# node: a compiler at run time, WebAssembly, workers, child processes, streams, compression, cryptography, a server on loopback.
set -e
command -v node >/dev/null || { echo 'no node'; exit 1; }
cat >s.js <<'END'
const assert = require('assert'), crypto = require('crypto'), zlib = require('zlib'), http = require('http');
const { Worker, isMainThread, parentPort, workerData } = require('worker_threads'), { execFileSync } = require('child_process');
function fibonacci(n) { return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2); }
async function main() {
    assert.strictEqual(fibonacci(25), 75025);
    let sum = 0, float = 0;
    for (let i = 0; i < 3e6; i++) { sum = (sum + i * 7) | 0; float += Math.sqrt(i) % 1; }
    assert.strictEqual(sum, 699351136); assert(float > 1.4e6 && float < 1.6e6);
    assert.strictEqual(crypto.createHash('sha256').update('x').digest('hex').slice(0, 8), '2d711642');
    const data = crypto.randomBytes(100000);
    assert(zlib.gunzipSync(zlib.gzipSync(data)).equals(data) && zlib.brotliDecompressSync(zlib.brotliCompressSync(data)).equals(data));
    const wasm = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 7, 1, 96, 2, 127, 127, 1, 127, 3, 2, 1,
        0, 7, 7, 1, 3, 97, 100, 100, 0, 0, 10, 9, 1, 7, 0, 32, 0, 32, 1, 106, 11])));
    for (let i = 0; i < 20000; i++) assert.strictEqual(wasm.exports.add(i, 5), i + 5);
    assert.throws(() => null.x, TypeError); assert.throws(function deep() { deep(); }, RangeError);
    const results = await Promise.all([1, 2, 3].map(n => new Promise((resolve, reject) =>
        new Worker(__filename, { workerData: n }).on('message', resolve).on('error', reject))));
    assert.deepStrictEqual(results, [6765, 10946, 17711]);
    assert.strictEqual(execFileSync(process.execPath, ['-p', '6*7']).toString(), '42\n');
    assert.strictEqual(JSON.stringify([..."aßc"].map(c => c.codePointAt(0)).sort().concat([1.5e300, -0, 0.1 + 0.2])), '[223,97,99,1.5e+300,0,0.30000000000000004]');
    assert.strictEqual('2024-05-06'.replace(/(\d+)-(\d+)-(\d+)/, '$3.$2.$1'), '06.05.2024'); assert.strictEqual(2n ** 100n % 97n, 16n);
    const server = http.createServer((q, r) => r.end('hello ' + q.url)).listen(0, '127.0.0.1', async () => {
        const text = await new Promise(resolve => http.get({ port: server.address().port, path: '/x' }, r => r.on('data', d => resolve(String(d)))));
        assert.strictEqual(text, 'hello /x'); server.close(); console.log('well');
        process.exit(0);
    });
}
if (isMainThread) main().catch(error => { console.error(error); process.exit(1); });
else parentPort.postMessage(fibonacci(19 + workerData));
END
node s.js
