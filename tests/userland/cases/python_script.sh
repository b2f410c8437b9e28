# SPDX-License-Identifier: GPL-2.0-or-later
# python3: arithmetic, big integers, text, containers, files, processes, threads, sockets, ctypes, compression, hashing.
cat >s.py <<'END'
import asyncio, bz2, ctypes, decimal, fractions, hashlib, io, json, lzma, math, multiprocessing, os, pickle, random, re, select, signal
import socket, sqlite3, struct, subprocess, sys, tempfile, threading, time, zlib
print(2 ** 400 % 10 ** 30, math.factorial(60), pow(3, 1000, 10 ** 20 + 39), -7 // 2, -7 % 3, divmod(10 ** 25, 7))
print(0.1 + 0.2, 1e308 * 10, math.pi, repr(1 / 3), round(2.5), float('nan'), 5e-324, math.fsum([.1] * 10), (0.1).hex())
print(['%.8g' % f(0.7) for f in (math.sin, math.exp, math.log, math.gamma, math.atan, math.erf)])
print(decimal.Decimal(2).sqrt(decimal.Context(prec=50)), fractions.Fraction(355, 113) + fractions.Fraction(1, 7))
random.seed(12345); print([random.randrange(1000) for _ in range(8)], random.random(), random.gauss(0, 1))
print(json.dumps({'a': [1, 2.5, None, True], 'ü': '\u20ac'}, sort_keys=True), re.findall(r'(\w+)@(\w+)', 'me@here you@there'))
print(hashlib.sha256(b'x' * 100000).hexdigest(), hashlib.md5(b'').hexdigest(), hashlib.blake2b(b'abc').hexdigest()[:20], zlib.crc32(b'hello'))
data = bytes(random.randrange(256) for _ in range(5000)) * 4
for module in (zlib, bz2, lzma):
    assert module.decompress(module.compress(data)) == data
print(pickle.loads(pickle.dumps({1: (2, [3])})), struct.pack('<iqd', -1, 2 ** 40, 1.5).hex())
print(subprocess.run([sys.executable, '-c', 'import sys; print(sys.stdin.read()[::-1]); sys.exit(5)'], input='abc', text=True, capture_output=True).stdout)
print(os.waitstatus_to_exitcode(os.system('exit 3')))
total = []
def work(n):
    total.append(sum(i * i for i in range(n)))
threads = [threading.Thread(target=work, args=(3000 + i,)) for i in range(5)]
[t.start() for t in threads]; [t.join() for t in threads]; print(sorted(total))
with multiprocessing.Pool(2) as pool:
    print(pool.map(math.isqrt, range(10 ** 6, 10 ** 6 + 5)))
a, b = socket.socketpair(); a.sendall(b'ping'); print(b.recv(10), select.select([b], [], [], 0.01)[0])
async def ticker(n):
    await asyncio.sleep(0.01 * n)
    return n
async def both():
    return await asyncio.gather(ticker(2), ticker(1), ticker(3))
print(asyncio.run(both()))
libc = ctypes.CDLL(None); print(libc.abs(-5), ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda x: x + 1)(41))
numbers = (ctypes.c_int * 5)(5, 3, 9, 1, 7)
compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda x, y: x[0] - y[0])
libc.qsort(numbers, 5, 4, compare); print(list(numbers))
signal.signal(signal.SIGALRM, lambda *_: print('alarm')); signal.setitimer(signal.ITIMER_REAL, 0.02); time.sleep(0.1)
db = sqlite3.connect(':memory:'); db.execute('create table t(a, b)'); db.executemany('insert into t values(?, ?)', [(i, i * i) for i in range(50)])
print(db.execute('select sum(b), max(a) from t where a % 3 = 0').fetchone())
def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)
sys.setrecursionlimit(6000); print(deep(5000))
try:
    deep(10 ** 5)
except RecursionError:
    print('too deep')
print(sorted({w: len(w) for w in 'some words to sort by length'.split()}.items(), key=lambda p: (p[1], p[0])))
print(sum(p for p in range(2, 3000) if all(p % d for d in range(2, math.isqrt(p) + 1))))
END
python3 s.py
python3 -c 'import os; os.abort()' 2>/dev/null; echo $?
python3 -c 'raise SystemExit(9)'; echo $?
