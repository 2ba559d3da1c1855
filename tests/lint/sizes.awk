# Prints files of more than `lines` lines and functions of more than 80, between their braces.
FNR == 1 && NR > 1 { file_end() }
FNR == 1 { file = FILENAME; start = 0 }
/^{/ { start = FNR; name = last }
/^}/ && start {
	if (FNR - start - 1 > 80)
		printf "%s:%d: %d lines in %s\n", FILENAME, start, FNR - start - 1, name
	start = 0
}
{ last = $0; length_now = FNR }
function file_end() { if (length_now > lines) printf "%s: %d lines\n", file, length_now }
END { file_end() }
