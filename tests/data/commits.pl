# Writes a stream for git fast-import: as many commits as asked for, on main.
use strict;
use warnings;
for my $i (1 .. $ARGV[0]) {
	my $text = join '', map { "line $_ of $i\n" } 1 .. 1 + $i % 30;
	my $time = 1600000000 + $i * 60;
	printf "commit refs/heads/main\ncommitter A U Thor <author\@example.org> %d +0000\ndata <<END\ncommit %d\nEND\n", $time, $i;
	printf "M 644 inline directory%d/file%d\ndata %d\n%s\n", $i % 7, $i % 50, length $text, $text;
}
