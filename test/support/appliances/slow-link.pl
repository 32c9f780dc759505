#!/usr/bin/perl
# A slow cable: slow-link.pl NEAR FAR. Makes two network cards of these names and carries whole packets from one to the
# other, late, some of them never. Each line of standard input, `DELAY_MS LOSS_PERCENT`, sets what each way does from then
# on, and is answered by a line. The cards and this program are gone when standard input ends.
use strict;
use warnings;
use Errno qw(EAGAIN EBADFD EIO ENOBUFS);
use Fcntl;
use IO::Handle;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use constant { TUNSETIFF => 0x400454ca, IFF_TAP => 0x0002, IFF_NO_PI => 0x1000, LONGEST => 65_536 };

my ( $delay, $loss ) = ( 0, 0 );
my @ways = map { { card => open_card($_), queue => [] } } @ARGV[ 0, 1 ];
STDOUT->autoflush(1);
# The same packets are lost in every run of a test that sends the same ones.
srand(1);

while (1) {
    my $ready = '';
    vec( $ready, fileno $_, 1 ) = 1 for *STDIN, map { $_->{card} } @ways;
    select( $ready, undef, undef, seconds_to_wait() );
    take_order() if vec( $ready, fileno STDIN, 1 );
    take_packets($_) for grep { vec( $ready, fileno $_->{card}, 1 ) } @ways;
    send_due( $ways[0]{queue}, $ways[1]{card} );
    send_due( $ways[1]{queue}, $ways[0]{card} );
}

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub open_card {
    my ($name) = @_;
    sysopen( my $card, '/dev/net/tun', O_RDWR | O_NONBLOCK ) or die "cannot open /dev/net/tun: $!\n";
    ioctl( $card, TUNSETIFF, pack( 'a16 S x22', $name, IFF_TAP | IFF_NO_PI ) ) or die "cannot make $name: $!\n";
    return $card;
}

sub take_order {
    my $read = sysread STDIN, my $order, 100;
    exit 0 if !$read;
    ( $delay, $loss ) = $order =~ /^(\d+(?:\.\d+)?) (\d+(?:\.\d+)?)$/m or die "cannot read the order: $order\n";
    print "$delay $loss\n";
}

sub take_packets {
    my ($way) = @_;
    while ( sysread $way->{card}, my $packet, LONGEST ) {
        push @{ $way->{queue} }, [ now() + $delay / 1000, $packet ] if rand(100) >= $loss;
    }
    exit 0 if $! == EBADFD;    # Somebody removed the card, as a lab's reaper does.
    die "cannot read from the card: $!\n" if $! != EAGAIN && $! != EIO;
}

sub send_due {
    my ( $queue, $card ) = @_;
    while ( @$queue && $queue->[0][0] <= now() ) {
        my $packet = ( shift @$queue )->[1];
        # A card that is down loses packets, as a full one does.
        defined syswrite $card, $packet or $! == EIO or $! == ENOBUFS or die "cannot write to the card: $!\n";
    }
}

sub seconds_to_wait {
    my ($first) = sort { $a <=> $b } map { @{ $_->{queue} } ? $_->{queue}[0][0] : () } @ways;
    return if !defined $first;
    my $wait = $first - now();
    return $wait > 0 ? $wait : 0;
}
