# SPDX-License-Identifier: GPL-2.0-or-later
# curl fetches from python's http server over loopback: two guests talking to each other.
cat >server.py <<'END'
import functools, http.server
class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        self.send_response(201); self.send_header('Content-Length', str(len(body))); self.end_headers(); self.wfile.write(body[::-1])
    def log_message(self, *arguments):
        pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), functools.partial(Handler, directory='files'))
open('port.tmp', 'w').write(str(server.server_address[1])); import os; os.rename('port.tmp', 'port')
server.serve_forever()
END
mkdir files; seq 1 50000 >files/numbers; echo hello >files/hello
python3 server.py & server=$!
for i in $(seq 300); do [ -e port ] && break; sleep 0.1; done
url=http://127.0.0.1:$(cat port)
curl -s $url/hello; curl -s $url/numbers | cksum; curl -s -o o -w '%{http_code} %{size_download}\n' $url/numbers; curl -s -r 10-19 -o /dev/null -w '%{http_code}\n' $url/numbers
curl -s -d 'posted text' $url/x; echo; curl -s -o /dev/null -w '%{http_code}\n' $url/missing; curl -sI $url/hello | head -1 | tr -d '\r'
for i in 1 2 3 4 5; do curl -s $url/hello >c$i & pids="$pids $!"; done; wait $pids; cat c?
kill $server; wait $server 2>/dev/null; echo $?; curl -s $url/hello; echo $?
