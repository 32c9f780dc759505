#!/bin/sh
# Removes everything a lab made: reap-lab.sh CLAIM OWNER. Does nothing when the claim meanwhile belongs to somebody else.
claim=$1
number=${claim##*/}
exec 9>"$claim.lock"
flock 9
[ "$(cat "$claim/owner" 2>/dev/null)" = "$2" ] || exit 0
folder=$(cat "$claim/folder")
cgroup=$(cat "$claim/cgroup")

if [ -d "$cgroup" ]; then
	echo 1 > "$cgroup/cgroup.kill"
	for _ in $(seq 200); do
		grep -q "populated 0" "$cgroup/cgroup.events" && break
		sleep 0.02
	done
	find "$cgroup" -depth -type d -exec rmdir {} ';'
fi
for netns in /run/netns/hf"$number"-*; do [ -e "$netns" ] && ip netns del "${netns##*/}"; done
for link in /sys/class/net/hfv"$number"-* /sys/class/net/hfb"$number"; do [ -e "$link" ] && ip link del "${link##*/}" 2>/dev/null; done
awk -v below="$folder/" 'index($2, below) == 1 || $2 == substr(below, 1, length(below) - 1) { print $2 }' /proc/mounts | tac | while read -r mounted; do
	umount "$mounted" 2>/dev/null || umount -l "$mounted"
done
chattr -R -f -i -a "$folder" 2>/dev/null
rm -rf "$folder" "$claim"
exit 0
