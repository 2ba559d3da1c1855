# What is imported, and what is refused.
cat >good.jsonl <<'EOF'
{"domain":0,"size":24,"traceback":[["pool.c",40],["main.c",7]]}
{"domain":1,"size":8,"traceback":[["pool.c",41],["main.c",7]],"total_nframe":9}
{"domain":4294967295,"size":9223372036854775807,"traceback":[["<unknown>",0]],"total_nframe":1}
EOF
"$TMTRACE" import good.jsonl -o good.tmz
"$TMTRACE" stats good.tmz
"$TMTRACE" stats good.tmz -g traceback
"$TMTRACE" stats good.tmz -g function
"$TMTRACE" export good.tmz
"$TMTRACE" info good.tmz
"$TMTRACE" import - -o - <good.jsonl | cmp - good.tmz
while read -r line; do
	printf '{"domain":0,"size":1,"traceback":[["a",1]]}\n%s\n' "$line" >bad.jsonl
	"$TMTRACE" import bad.jsonl -o bad.tmz
	echo $?
done <<'EOF'
not json
{"domain":0,"size":1,"traceback":[]}
{"domain":0,"size":9223372036854775808,"traceback":[["a",1]]}
{"domain":4294967296,"size":1,"traceback":[["a",1]]}
{"domain":0,"size":-1,"traceback":[["a",1]]}
{"domain":0,"size":1}
EOF
ls
