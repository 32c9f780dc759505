import { readAddress } from "../../schema/address.ts"
import { splitWords } from "./split-words.ts"

/** What options of ssh say of the way to a host, and those that were passed over. */
export interface SshOptions {
	jump?: string
	passedOver: Set<string>
}

interface Option {
	/** A keyword of ssh_config, or a letter with its dash. */
	name: string
	value: string
}

/** Those say neither which machine is reached, nor by which way, nor as whom. In lower case. */
const PASSED_OVER: ReadonlySet<string> = new Set(
	"stricthostkeychecking userknownhostsfile globalknownhostsfile updatehostkeys checkhostip hashknownhosts verifyhostkeydns controlmaster controlpath controlpersist serveraliveinterval serveralivecountmax tcpkeepalive connecttimeout connectionattempts compression batchmode loglevel requesttty forwardagent forwardx11 addkeystoagent identitiesonly preferredauthentications pubkeyauthentication passwordauthentication kbdinteractiveauthentication challengeresponseauthentication gssapiauthentication numberofpasswordprompts hostkeyalgorithms pubkeyacceptedalgorithms pubkeyacceptedkeytypes kexalgorithms ciphers macs".split(
		" ",
	),
)
const FLAGS = /^-[qCAaTtvxX]+$/
const ON_HOST_KEYS = /^(stricthostkeychecking|.*knownhosts.*|updatehostkeys|checkhostip|verifyhostkeydns)$/i

/** Whether an option is about how the keys of hosts are checked. */
export const isOnHostKeys = (name: string): boolean => ON_HOST_KEYS.test(name)

/** Undefined where anything in them is not understood, or they name two ways. Never throws. */
export type ReadSshOptions = (text: string) => SshOptions | undefined

/** Reads each text once: a group's is asked for by each of its hosts. */
export function createReadSshOptions(): ReadSshOptions {
	const known = new Map<string, SshOptions | undefined>()
	return (text) => {
		if (!known.has(text)) known.set(text, readSshOptions(text))
		return known.get(text)
	}
}

function readSshOptions(text: string): SshOptions | undefined {
	const read = readWords(text)
	if (!read || read.others.length > 0) return undefined
	const passedOver = new Set(read.passedOver)
	const ways = new Set<string>()
	for (const { name, value } of read.options) {
		const way = readWay(name, value)
		if (!way?.jump) return undefined
		ways.add(way.jump)
		for (const one of way.passedOver) passedOver.add(one)
	}
	const [jump, ...more] = ways
	return more.length > 0 ? undefined : { ...(jump !== undefined && { jump }), passedOver }
}

function readWay(name: string, value: string): SshOptions | undefined {
	if (/^(-J|proxyjump)$/i.test(name)) return { jump: value, passedOver: new Set() }
	if (!/^proxycommand$/i.test(name)) return undefined
	return /^none$/i.test(value) ? { jump: "none", passedOver: new Set() } : readCommand(value)
}

/** `ssh -W %h:%p [user@]host` is what ProxyJump does; a shell that would do more is not understood. */
function readCommand(command: string): SshOptions | undefined {
	const read = /[$`;&|<>()%~,]/.test(command.replace(/%h\]?:%p|~\//g, "")) ? undefined : readWords(command)
	const [program = "", hop = "", ...more] = read?.others ?? []
	if (!read || !/^(\/usr\/bin\/)?ssh$/.test(program) || more.length > 0) return undefined
	const said = new Map(read.options.map(({ name, value }) => [name, value]))
	const { host, user = said.get("-l"), port } = readAddress(hop) ?? {}
	if (host === undefined || port !== undefined || !/^(%h|\[%h\]):%p$/.test(said.get("-W") ?? "")) return undefined
	const passedOver = new Set(read.passedOver)
	// Its key: a jump host is offered the keys that there are.
	if (said.has("-i")) passedOver.add("-i")
	if ([...said.keys()].some((name) => !/^-[Wpli]$/.test(name))) return undefined
	const place = `${host.includes(":") ? `[${host}]` : host}${said.has("-p") ? `:${said.get("-p")}` : ""}`
	return { jump: user === undefined ? place : `${user}@${place}`, passedOver }
}

/** Words of a command line of ssh: options, names of those that are passed over, and what is no option. */
function readWords(text: string): { options: Option[]; passedOver: string[]; others: string[] } | undefined {
	const words = splitWords(text)?.map((word) => word.trim())
	if (!words) return undefined
	const read = { options: [] as Option[], passedOver: [] as string[], others: [] as string[] }
	for (let at = 0; at < words.length; at++) {
		const word = words[at] ?? ""
		const [, letter, own] = /^-([oJWpli])(.*)$/s.exec(word) ?? []
		if (FLAGS.test(word)) for (const flag of word.slice(1)) read.passedOver.push(`-${flag}`)
		else if (letter === undefined) read.others.push(word)
		else {
			const option = readOption(letter, own?.trim() || words[++at] || "")
			if (!option) return undefined
			if (PASSED_OVER.has(option.name.toLowerCase())) read.passedOver.push(option.name)
			else read.options.push(option)
		}
	}
	return read
}

function readOption(letter: string, value: string): Option | undefined {
	if (letter !== "o") return { name: `-${letter}`, value }
	const [, name, said] = /^([A-Za-z0-9]+)(?:\s*=\s*|\s+)(.*)$/s.exec(value) ?? []
	return name === undefined || said === undefined ? undefined : { name, value: said.replace(/^"(.*)"$/s, "$1") }
}
