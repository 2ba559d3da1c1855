# shellcheck shell=sh
# Demonstrations of GTK 3 on an X server that is traced, too.
needs="Xvfb gtk3-demo" least=100000
scenario() {
	export DISPLAY=:9 NO_AT_BRIDGE=1 GTK_THEME=Adwaita XDG_RUNTIME_DIR=/tmp/work GSETTINGS_BACKEND=memory
	serve Xvfb :9 -nolisten tcp -screen 0 800x600x24
	until_it test -S /tmp/.X11-unix/X9
	record gtk3-demo --list
	for demo in $(gtk3-demo --list 2>/dev/null | grep -E '^(builder|textview|list_store|treeview|css_basics|images|dialog|pixbufs|iconview|textmask)$'); do
		record gtk3-demo --run="$demo" --autoquit
	done
	kill "$server"
	finish
	cat server.out server.err
}
# Pids in warnings.
rules() { sed -E 's/^\((gtk3-demo|process):[0-9]+\)/(\1:PID)/; s/[0-9:]+\.[0-9]+: //'; }
