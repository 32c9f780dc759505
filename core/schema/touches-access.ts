import type { Pool } from "./module.ts"
import { simpleCommands } from "./shell-words.ts"

/** What in a pool can lock the engineer out of the appliance, with its path below the pool. */
export function touchesAccess(
	pool: Pick<Pool, "operations" | "closure">,
): { path: [list: string, index: number, ...string[]]; what: string } | undefined {
	const operation = pool.operations.findIndex(({ destination }) =>
		accessDestinations.some((pattern) => pattern.test(destination)),
	)
	const destination = pool.operations[operation]?.destination
	if (destination !== undefined) return { path: ["operations", operation, "destination"], what: destination }
	const command = pool.closure.findIndex((line) => simpleCommands(line).some(isAccessCommand))
	const line = pool.closure[command]
	return line === undefined ? undefined : { path: ["closure", command], what: line }
}

/** sshd, PAM and accounts, sudo, network, firewall: where a mistake closes the door behind us. */
const accessDestinations = [
	/^\/etc\/(ssh|pam\.d|security|sudoers\.d|network|netplan|NetworkManager|iptables|nftables|nftables\.d|ufw|firewalld|dhcp)\//,
	/^\/etc\/(sudoers|nftables\.conf|nsswitch\.conf|pam\.conf|passwd|shadow|group|hosts\.allow|hosts\.deny|dhcpcd\.conf|default\/ssh|default\/ufw)$/,
	/^\/etc\/systemd\/(network|networkd\.conf)/,
	/^\/(etc|usr\/lib|lib)\/systemd\/system\/(sshd?|networking|systemd-networkd|NetworkManager|nftables|ufw|firewalld)(@?\.|\/)/,
	/^\/(root|home\/[^/]+)\/\.ssh\//,
	/^\/usr\/s?bin\/(sshd|sudo)$/,
	/^(\/usr)?\/lib\/([^/]+\/)?security\/pam_/,
]

const accessUnit =
	/^(sshd?|networking|network|systemd-networkd|NetworkManager|nftables|iptables|netfilter-persistent|ufw|firewalld|dhcpcd)(@.*)?(\.(service|socket))?$/
const unitVerbs = new Set(["restart", "reload", "try-restart", "reload-or-restart", "stop", "disable", "mask", "start"])

function isAccessCommand([program = "", ...words]: string[]): boolean {
	const name = program.replace(/^.*\//, "")
	if (name === "systemctl")
		return words.some((word) => unitVerbs.has(word)) && words.some((word) => accessUnit.test(word))
	if (name === "service") return accessUnit.test(words[0] ?? "") && words[1] !== "status"
	return accessPrograms[name]?.(words) ?? false
}

/** Programs that change network or firewall, unless they are only asked. */
const accessPrograms: Partial<Record<string, (words: string[]) => boolean>> = {
	nft: (words) => !words.some((word) => ["list", "-c", "--check", "-v", "--version"].includes(word)),
	iptables: changesTables,
	ip6tables: changesTables,
	"iptables-restore": (words) => !words.some((word) => ["-t", "--test"].includes(word)),
	"ip6tables-restore": (words) => !words.some((word) => ["-t", "--test"].includes(word)),
	ufw: (words) => !words.some((word) => ["status", "show", "version", "--dry-run"].includes(word)),
	"firewall-cmd": (words) => !words.every((word) => /^--(state|list|get|query|zone|version|check)/.test(word)),
	ifup: () => true,
	ifdown: () => true,
	ip: (words) => words.some((word) => ["set", "add", "del", "delete", "flush", "change", "replace"].includes(word)),
	netplan: (words) => words[0] === "apply" || words[0] === "try",
	networkctl: (words) => ["reload", "reconfigure", "up", "down", "renew"].includes(words[0] ?? ""),
	nmcli: (words) => words.some((word) => ["up", "down", "modify", "reload", "add", "delete"].includes(word)),
	passwd: () => true,
	usermod: () => true,
}

function changesTables(words: string[]): boolean {
	return !words.some((word) => /^(-L|-S|-C|--list|--list-rules|--check|--version|-V|-n?v?L.*)$/.test(word))
}
