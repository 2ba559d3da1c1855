# Counts words of a text that it makes up; perl with its own arenas over malloc.
use strict;
use warnings;
my ($n, $seed) = ($ARGV[0] // 1000, 42);
my (%count, @long);
for my $i (1 .. $n) {
	$seed = ($seed * 1103515245 + 12345) % 2147483648;
	my $word = join '', map { chr(97 + (($seed >> $_) & 15)) } 3, 7, 11, 15;
	$count{$word}++;
	push @long, $word x ($seed % 20) if $i % 7 == 0;
	shift @long if @long > 500;
}
my @top = sort { $count{$b} <=> $count{$a} || $a cmp $b } keys %count;
print "$_ $count{$_}\n" for @top[0 .. ($#top < 9 ? $#top : 9)];
print scalar(@top), " words, ", length(join ',', @long), " characters\n";
