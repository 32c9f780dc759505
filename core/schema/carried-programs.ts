import type { ShellWord } from "./shell-tokens.ts"

/** Options of a program that runs another one: those with a value of their own, and those without. */
interface Carrier {
	withValue: string[]
	without: string[]
	/** Words between the options and the program. */
	skips?: number
	/** `NAME=value` may stand before the program. */
	sets?: boolean
}

const carriers: Partial<Record<string, Carrier>> = {
	sudo: {
		withValue: ["-u", "-g", "-p", "-C", "-T", "-D", "-h", "--user", "--group", "--prompt", "--chdir"],
		without: ["-n", "-E", "-H", "-S", "-k", "-A", "-P", "--non-interactive", "--preserve-env", "--set-home"],
		sets: true,
	},
	env: { withValue: ["-u", "-C", "--unset", "--chdir"], without: ["-i", "-", "--ignore-environment"], sets: true },
	nohup: { withValue: [], without: [] },
	nice: { withValue: ["-n", "--adjustment"], without: [] },
	timeout: {
		withValue: ["-k", "-s", "--kill-after", "--signal"],
		without: ["-v", "--verbose", "--foreground", "--preserve-status"],
		skips: 1,
	},
	exec: { withValue: ["-a"], without: ["-c", "-l"] },
	command: { withValue: [], without: ["-p"] },
}

/**
 * The programs that a simple command runs: `sudo -n systemctl` runs two. The last comes with its own words; it ends
 * where an option is not known here.
 */
export function carriedPrograms(words: ShellWord[]): { programs: string[]; last: ShellWord[] } {
	const programs: string[] = []
	let rest = words
	for (;;) {
		const name = rest[0]?.text
		if (name === undefined) return { programs, last: [] }
		programs.push(name)
		const carrier = Object.hasOwn(carriers, name) ? carriers[name] : undefined
		if (!carrier) return { programs, last: rest }
		rest = withoutOptions(rest.slice(1), carrier)
	}
}

/** What the carrier runs; empty where its options are not understood. */
function withoutOptions(words: ShellWord[], { withValue, without, skips = 0, sets }: Carrier): ShellWord[] {
	let at = 0
	for (; at < words.length; at++) {
		const { start, text } = words[at] ?? { start: "", text: "" }
		if (text === "--") {
			at++
			break
		}
		if (sets && /^\w+=/.test(start)) continue
		if (!start.startsWith("-")) break
		const [name = ""] = start.split("=")
		if (text !== undefined && withValue.includes(text)) at++
		else if (!without.includes(name) && !(withValue.includes(name) && start.includes("="))) return []
	}
	while (sets && /^\w+=/.test(words[at]?.start ?? "")) at++
	return words.slice(at + skips)
}
