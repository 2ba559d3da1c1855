# shellcheck shell=sh
# A server of openssl's; openssl and curl as clients of it.
needs="openssl curl" over="jemalloc tcmalloc mimalloc" least=10000
scenario() {
	record openssl req -x509 -newkey rsa:2048 -nodes -keyout key.pem -out cert.pem -days 2 -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1
	record openssl x509 -in cert.pem -noout -subject -ext subjectAltName
	serve openssl s_server -quiet -accept 127.0.0.1:4433 -key key.pem -cert cert.pem -WWW
	perl /tmp/data/library.pl 500 >library.xml
	until_it curl -s --cacert cert.pem https://127.0.0.1:4433/library.xml
	for i in 1 2 3 4 5 6 7 8; do
		record curl -sS --cacert cert.pem "https://127.0.0.1:4433/library.xml?$i" >/dev/null
		record curl -sS --cacert cert.pem https://127.0.0.1:4433/library.xml >got.xml
		digest got.xml
	done
	record curl -sS https://127.0.0.1:4433/library.xml
	for version in -tls1_2 -tls1_3; do
		record openssl s_client -brief "$version" -CAfile cert.pem -connect 127.0.0.1:4433 </dev/null
	done
	kill "$server"
	finish
	record openssl enc -aes-256-ctr -pbkdf2 -S 0123456789abcdef -pass pass:secret -in library.xml -out library.enc
	record openssl dgst -sha256 -r library.xml library.enc
	record openssl rsa -in key.pem -check -noout
	record openssl s_client -connect 127.0.0.1:1
	cat server.err
}
# The progress of a key that is made of random numbers; the number of the thread in a message.
rules() { sed -E '/^[.+*]+$/d; s/^[0-9A-F]{12,16}:error/THREAD:error/; s/\(RNG\) [0-9A-F]+/\(RNG\)/'; }
