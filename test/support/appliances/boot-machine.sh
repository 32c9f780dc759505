#!/bin/sh
# Boots one appliance and stays until it ends: boot-machine.sh CGROUP ROOT NAME NETNS. Exit 133 asks for a reboot.
set -e
echo $$ > "$1/cgroup.procs"
exec unshare --mount --propagation slave sh -ec '
	# Its copies of mounts that are not its own would keep the disks of others alive, whose power was cut.
	awk -v own="$2" -v labs="${2%/*/*/*}/" "
		\$1 ~ /^.dev.loop/ && \$2 != \"/\" || \$3 == \"overlay\" && \$2 != own && index(\$2, labs) == 1 { print \$2 }
	" /proc/mounts | while read -r other; do umount --lazy "$other" 2>/dev/null || true; done
	mount -t tmpfs tmpfs /sys/fs/cgroup
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	mount -t tmpfs tmpfs /run/systemd
	exec systemd-nspawn --quiet --register=no --keep-unit --boot --directory="$2" --machine="$3" \
		--network-namespace-path="/run/netns/$4" --capability=CAP_NET_ADMIN --console=pipe --link-journal=no \
		--resolv-conf=off --timezone=off
' boot "$@"
