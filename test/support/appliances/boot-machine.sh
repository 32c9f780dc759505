#!/bin/sh
# Boots one appliance and stays until it ends: boot-machine.sh CGROUP ROOT NAME NETNS. Exit 133 asks for a reboot.
set -e
echo $$ > "$1/cgroup.procs"
exec unshare --mount --propagation slave sh -ec '
	mount -t tmpfs tmpfs /sys/fs/cgroup
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mount -t tmpfs tmpfs /run/systemd
	exec systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$2" --machine="$3" \
		--network-namespace-path="/run/netns/$4" --capability=CAP_NET_ADMIN --console=pipe --link-journal=no \
		--resolv-conf=off --timezone=off
' boot "$@"
