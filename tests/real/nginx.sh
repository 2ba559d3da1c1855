# shellcheck shell=sh
# A master and two workers that serve files, packed and not, and themselves through a proxy.
needs="nginx ab curl" over="jemalloc tcmalloc mimalloc" least=1000
PATH=$PATH:/usr/sbin
scenario() {
	mkdir -p site/folder
	echo hello >site/index.html
	perl /tmp/data/library.pl 2000 >site/library.xml
	cat >nginx.conf <<-END
		daemon off; worker_processes 2; user root; pid /tmp/work/nginx.pid; error_log /tmp/work/error.log notice;
		events { worker_connections 256; }
		http {
			access_log /tmp/work/access.log combined; gzip on; gzip_types *; default_type text/plain;
			client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;
			server { listen 127.0.0.1:8080; root /tmp/work/site; location /far/ { proxy_pass http://127.0.0.1:8080/; }
				location /list/ { alias /tmp/work/site/; autoindex on; } location /limit { return 429 "slow down\n"; } }
		}
	END
	record nginx -t -q -p /tmp/work -c /tmp/work/nginx.conf
	serve nginx -p /tmp/work -c /tmp/work/nginx.conf
	until_it curl -s http://127.0.0.1:8080/
	record ab -q -n 2000 -c 8 http://127.0.0.1:8080/
	record ab -q -k -n 2000 -c 8 http://127.0.0.1:8080/far/library.xml
	record curl -sS http://127.0.0.1:8080/
	record curl -sS --compressed http://127.0.0.1:8080/library.xml >got.xml
	record curl -sS -r 1000-1999 http://127.0.0.1:8080/far/library.xml
	record curl -sS http://127.0.0.1:8080/limit http://127.0.0.1:8080/absent http://127.0.0.1:8080/list/folder/
	kill -HUP "$(cat nginx.pid)"
	until_it grep -q "reconfiguring" error.log
	until_it grep -q "exited with code 0" error.log
	record curl -sS http://127.0.0.1:8080/far/
	kill -QUIT "$(cat nginx.pid)"
	finish
	digest got.xml
	cat server.out server.err
	cut -d '"' -f 2- access.log | sort | uniq -c
	grep -o 'exited with code [0-9]*' error.log
	grep -E '\[(error|crit|alert|emerg)\]' error.log || true
}
# What ab measures and thinks of it, and how many requests it sent over a connection kept open; times and pids of the error log; requests of the scenario until the server answered.
rules() {
	sed -E '/^(Time taken|Requests per|Time per|Transfer rate|Connect:|Processing:|Waiting:|Total:|Keep-Alive requests|Total transferred|  *[0-9]+%)/d
		/^WARNING: The median and mean/,+1d
		s/^[0-9/]+ [0-9:]+ (\[[a-z]+\]) [0-9]+#[0-9]+: \*[0-9]+/TIME \1/; s/^ +[0-9]+ (.*curl.*)/\1/; s/[0-9]{2}-[A-Z][a-z]{2}-[0-9]{4} [0-9]{2}:[0-9]{2}/DAY/'
}
