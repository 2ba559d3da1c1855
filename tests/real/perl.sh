# shellcheck shell=sh
needs=perl over="jemalloc tcmalloc mimalloc" least=100000
scenario() {
	export PERL_HASH_SEED=0
	record perl /tmp/data/words.pl 100000
	perl /tmp/data/library.pl 2000 >library.xml
	record perl -ne '$n{$_}++ for /(\w+)/g; END { print "$_ $n{$_}\n" for sort keys %n }' library.xml
	record perl -MJSON::PP -e '
		my %h = map { ("key$_" => [1 .. $_ % 20, { "x" x $_ => "\x{263a}" x ($_ % 9) }]) } 1 .. 400;
		my $j = JSON::PP->new->canonical; my $t = $j->encode(\%h); print length $t, " ", $j->encode($j->decode($t)) eq $t, "\n"'
	record perl -e '
		for my $n (1 .. 5) { my $p = fork // die; if (!$p) { my @a = map { "x" x $_ } 1 .. 1000; exit $n } waitpid $p, 0; print "$n: ", $? >> 8, "\n" }
		print `perl -e "print 6 * 7"`, "\n"; open my $f, "-|", "sort -r library.xml | head -n 3" or die; print <$f>; kill 9, $$'
	record perl -e 'local $SIG{ALRM} = sub { die "alarm\n" }; eval { alarm 1; my @a; push @a, "y" x 100, pop @a while 1; }; print $@; die { a => 1 }'
}
# An address in the text of a reference.
rules() { sed 's/HASH(0x[0-9a-f]*)/HASH(ADDRESS)/'; }
