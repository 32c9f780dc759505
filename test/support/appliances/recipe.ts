/** The Debian release of the appliances. Its Node.js is 18, the oldest that the runner supports. */
export const suite = "bookworm"

/** A file system that is made in one go needs no sync of each package's files; made with `/usr` merged, no Perl that merges it. */
export const bootstrapOptions = [
	"--quiet",
	"--variant=minbase",
	"--dpkgopt=force-unsafe-io",
	"--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr",
]

export const ownerPassword = "appliance owner's password"

export const packages = [
	"usr-is-merged",
	"systemd",
	"systemd-sysv",
	"libpam-systemd",
	"dbus",
	"openssh-server",
	"sudo",
	"opendoas",
	"nodejs",
	"python3",
	"curl",
	"procps",
	"iproute2",
	"nftables",
	"acl",
	"attr",
	"e2fsprogs",
]

/** The last npm that runs on Node 18; Debian's own npm would bring some hundred packages. */
export const npmVersion = "10.9.4"

/** User and group ids of the appliance's people, fixed so that the lab can own their files from outside. */
export const userIds = { root: 0, support: 1000, owner: 1001 }

/** Runs inside the new rootfs. Whatever differs from one appliance to the next is written at boot instead. */
export const setUpScript = `set -e
useradd --uid ${userIds.support} --create-home --shell /bin/bash support
useradd --uid ${userIds.owner} --create-home --shell /bin/bash --groups sudo owner
cat <<'END' | chpasswd
owner:${ownerPassword}
END
echo 'support ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/support
chmod 440 /etc/sudoers.d/support
echo 'PasswordAuthentication yes' > /etc/ssh/sshd_config.d/appliance.conf
mkdir -p /etc/systemd/journald.conf.d /usr/etc
printf '[Journal]\\nStorage=volatile\\n' > /etc/systemd/journald.conf.d/appliance.conf
echo 'update-notifier=false' > /usr/etc/npmrc
ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/bin/npm
chmod +x /usr/lib/node_modules/npm/bin/npm-cli.js
systemctl enable ssh.service
systemctl mask console-getty.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer dpkg-db-backup.timer
rm -rf /etc/ssh/ssh_host_* /var/cache/apt/* /var/lib/apt/lists/* /usr/share/doc/* /usr/share/man/* /usr/share/locale/* /usr/share/info/*
rm -f /etc/machine-id /var/lib/dbus/machine-id /etc/resolv.conf /etc/hostname
find /var/log -type f -delete
`
