# A bad line is told by its number, with what was expected and where; status 1, and no file is made or replaced.
good='{"domain":0,"size":1,"traceback":[["a",1]]}'
echo untouched >old.tmz
while IFS= read -r line; do
	printf '%s\n%s\n%s\n%s\n' "$good" "$good" "$line" "$good" >bad.jsonl
	"$TMTRACE" import bad.jsonl -o new.tmz || printf '%s  ' $?
	"$TMTRACE" import bad.jsonl -o old.tmz 2>/dev/null || echo "$line"
done <<'EOL'

not a trace
[]
null
{}
{"domain":0,"size":1}
{"size":1,"traceback":[["a",1]]}
{"domain":0,"traceback":[["a",1]]}
{"domain":0,"size":1,"traceback":[]}
{"domain":0,"size":1,"traceback":{}}
{"domain":0,"size":1,"traceback":["a",1]}
{"domain":0,"size":1,"traceback":[["a",1],]}
{"domain":0,"size":1,"traceback":[["a"]]}
{"domain":0,"size":1,"traceback":[["a",1,2]]}
{"domain":0,"size":1,"traceback":[[null,1]]}
{"domain":0,"size":1,"traceback":[["a",-1]]}
{"domain":0,"size":1,"traceback":[["a",1.5]]}
{"domain":0,"size":1,"traceback":[["a",4294967296]]}
{"domain":0,"size":1,"traceback":[["a",1]],"total_nframe":0}
{"domain":0,"size":1,"traceback":[["a",1],["b",2]],"total_nframe":1}
{"domain":0,"size":1,"traceback":[["a",1]],"total_nframe":65536}
{"domain":0,"size":9223372036854775808,"traceback":[["a",1]]}
{"domain":0,"size":99999999999999999999999,"traceback":[["a",1]]}
{"domain":0,"size":-1,"traceback":[["a",1]]}
{"domain":0,"size":1.0,"traceback":[["a",1]]}
{"domain":0,"size":1e3,"traceback":[["a",1]]}
{"domain":0,"size":01,"traceback":[["a",1]]}
{"domain":0,"size":"1","traceback":[["a",1]]}
{"domain":0,"size":true,"traceback":[["a",1]]}
{"domain":4294967296,"size":1,"traceback":[["a",1]]}
{"domain":-1,"size":1,"traceback":[["a",1]]}
{"domain":0,"domain":0,"size":1,"traceback":[["a",1]]}
{"domain":0,"size":1,"traceback":[["a",1]],"size":2}
{"domain":0,"size":1,"traceback":[["a",1]]} {}
{"domain":0,"size":1,"traceback":[["a",1]]},
{"domain":0,"size":1,"traceback":[["a",1]]
{"domain":0,"size":1,"traceback":[["\ud800",1]]}
{"domain":0,"size":1,"traceback":[["a\u0000",1]]}
{"domain":0,"size":1,"traceback":[["a",1]],"note":NaN}
EOL
cat old.tmz
ls
