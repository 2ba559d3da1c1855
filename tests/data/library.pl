# Writes an XML document with as many books as asked for.
use strict;
use warnings;
print "<library>\n";
printf "  <book id=\"b%d\"><title>Title %d</title><author>Author &amp; %d</author><price>%.2f</price></book>\n",
	$_, $_, $_ % 97, $_ / 4 for 1 .. $ARGV[0];
print "</library>\n";
