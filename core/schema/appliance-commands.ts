import { carriedPrograms } from "./carried-programs.ts"
import type { JsonPath } from "./json-text.ts"
import type { Module, Pool } from "./module.ts"
import { readShellLine, type ShellCommand } from "./shell-commands.ts"
import type { ShellWord } from "./shell-tokens.ts"

/** A program or a systemd unit that a module's commands need, and nothing in the module brings along. */
export interface Need {
	kind: "program" | "unit"
	name: string
	/** Of the command. */
	path: JsonPath
}

/**
 * What the commands of a module need of the appliance: the program of each simple command, also behind `sudo` and the
 * like, and the units of `systemctl` and `service`. Only what is certain: a name that the module itself makes, defines,
 * installs or asks after, and all that comes after an installer or a script, is left out. `folders`: where the shell
 * finds programs. Only these pools' lists are read; what they bring is theirs alone.
 */
export function needsOf(module: Module, pools: Pool[], folders: readonly string[]): Need[] {
	const needs = new Map<string, Need>()
	const reading: Reading = { folders, ...namesIn(module), isUncertain: false, hasRun: false, needs }
	for (const [index, pool] of module.pools.entries()) {
		if (!pools.includes(pool)) continue
		readList(reading, pool.checks, ["pools", index, "checks"])
		readList(reading, pool.closure, ["pools", index, "closure"])
	}
	readList(reading, module.finalClosure, ["finalClosure"])
	return [...needs.values()]
}

interface Reading {
	folders: readonly string[]
	/** Programs that it may bring: last parts of the paths it names, functions, aliases, names that it asks after. */
	programs: Set<string>
	/** Units that it may bring, without their types. */
	units: Set<string>
	/** An installer or a script has run: it may have brought anything. */
	isUncertain: boolean
	/** Something has run that may have made files. */
	hasRun: boolean
	needs: Map<string, Need>
}

/** One shell reads a list: what it redefines ends with it. */
function readList(reading: Reading, lines: string[], path: JsonPath): void {
	let isOwn = false
	for (const [index, line] of lines.entries()) {
		const read = readShellLine(line)
		if (!read) isOwn = true
		for (const command of read?.commands ?? []) {
			const { programs, last } = carriedPrograms(command.words)
			if (!isOwn && !reading.isUncertain && !command.isTested && !command.sets.includes("PATH"))
				addNeeds(reading, [...path, index], programs, last)
			isOwn ||= redefines(command)
			reading.isUncertain ||= isInstaller(last, reading.folders)
			reading.hasRun ||= programs.some((program) => !builtins.has(program) && !/^(systemctl|service)$/.test(program))
		}
	}
}

function addNeeds(reading: Reading, path: JsonPath, programs: string[], last: ShellWord[]): void {
	const add = (kind: Need["kind"], name: string) =>
		reading.needs.set([kind, name, ...path].join("\0"), { kind, name, path })
	for (const program of programs) {
		if (isSought(program, reading) && !reading.programs.has(nameOf(program))) add("program", program)
	}
	for (const unit of unitsOf(last)) if (!reading.units.has(stem(unit))) add("unit", unit)
}

/** A plain name that no shell has built in; a path where programs are kept, or one that nothing can have made yet. */
function isSought(program: string, { folders, hasRun }: Reading): boolean {
	if (!/^[\w.+@/-]+$/.test(program) || program.startsWith("-")) return false
	if (!program.includes("/")) return !builtins.has(program)
	return program.startsWith("/") && (folders.includes(folderOf(program)) || !hasRun)
}

/** Every name that the module may make, or asks after. */
function namesIn(module: Module): { programs: Set<string>; units: Set<string> } {
	const programs = new Set<string>()
	const units = new Set<string>()
	const addPath = (path: string) => {
		programs.add(nameOf(path))
		if (makesUnit(path)) units.add(stem(nameOf(path)))
	}
	for (const { destination } of module.pools.flatMap((pool) => pool.operations)) addPath(destination)
	const lists = [...module.pools.flatMap((pool) => [pool.checks, pool.closure]), module.finalClosure]
	for (const line of lists.flat()) {
		const read = readShellLine(line)
		for (const name of read?.functions ?? []) programs.add(name)
		for (const { words } of read?.commands ?? []) {
			for (const name of askedAfter(words)) programs.add(name)
			for (const path of pathsIn(words)) addPath(path)
		}
	}
	return { programs, units }
}

function askedAfter(words: ShellWord[]): string[] {
	const [first = "", second = ""] = words.map(({ start }) => start)
	const asks = /^(which|type|hash|alias)$/.test(first) || (first === "command" && /^-[vV]/.test(second))
	return asks ? words.slice(1).map(({ start }) => start.split("=")[0] ?? "") : []
}

function pathsIn(words: ShellWord[]): string[] {
	if (/^(cd|curl|wget)$/.test(words[0]?.text ?? "")) return []
	return words.slice(1).flatMap(({ text }) => (text?.includes("/") ? [text] : []))
}

/** Unit files, what lies in their folders, and what systemd makes units from. */
function makesUnit(path: string): boolean {
	return unitTypes.test(path) || [...unitFolders, "/etc/containers"].some((folder) => path.startsWith(`${folder}/`))
}

/** What the shell itself means from here on, nobody outside can tell. */
function redefines({ words, sets }: ShellCommand): boolean {
	const program = words[0]?.text
	if (program === undefined) return words.length > 0 || sets.includes("PATH")
	if (/^(\.|source|eval|enable)$/.test(program)) return true
	return (
		/^(export|declare|typeset|local|readonly|env)$/.test(program) && words.some(({ start }) => /^PATH\+?=/.test(start))
	)
}

const installers =
	/^(apt|apt-get|aptitude|dpkg|dnf|yum|rpm|apk|pacman|zypper|snap|flatpak|pip[\d.]*|pipx|gem|cargo|go|make|ninja|update-alternatives|update-rc\.d|ansible.*|puppet|docker|podman)$/
const shells = /^(ba|da|z|k|a)?sh$/

/** Whether programs or units may be there afterwards that were not before. */
function isInstaller(words: ShellWord[], folders: readonly string[]): boolean {
	const [first, ...rest] = words
	const program = first?.text
	if (program === undefined) return words.length > 0
	const texts = rest.map(({ text, start }) => text ?? start)
	if (program.includes("/") && !folders.includes(folderOf(program))) return true
	const name = nameOf(program)
	if (installers.test(name)) return true
	if (shells.test(name)) return texts[0] !== "-n"
	if (/^(npm|yarn|pnpm)$/.test(name)) return texts.some((text) => /^(-g|--global|global|link)$/.test(text))
	if (/^(python|perl|ruby|node|php)[\d.]*$/.test(name))
		return texts.some((text) => /^(pip|install|setup\.py)$/.test(text))
	if (name === "systemctl") return texts.some((text) => /^(link|edit|revert|daemon-reexec|\/.*)$/.test(text))
	return texts.some((text) =>
		[...folders, ...unitFolders].some((folder) => text === folder || text.startsWith(`${folder}/`)),
	)
}

const unitFolders = ["/etc/systemd", "/run/systemd", "/usr/lib/systemd", "/lib/systemd", "/etc/init.d"]

const unitVerb =
	/^(start|stop|restart|reload|try-restart|reload-or-restart|reload-or-try-restart|enable|reenable|disable|is-active|is-enabled|status)$/
const harmlessOption =
	/^(-q|--quiet|--now|--no-block|-f|--force|--no-pager|-l|--full|--wait|--no-reload|--no-ask-password|--system)$/

/** The units that `systemctl` or `service` is asked about; none where an option might mean other ones. */
export function unitsOf(words: ShellWord[]): string[] {
	const texts = words.slice(1).map(({ text }) => text)
	const program = words[0]?.text
	if (program === "service") return texts[0] !== undefined && texts.length > 1 ? withType([texts[0]]) : []
	if (program !== "systemctl") return []
	if (texts.some((text) => text?.startsWith("-") && !harmlessOption.test(text))) return []
	const [verb, ...units] = texts.filter((text) => !text?.startsWith("-"))
	return verb !== undefined && unitVerb.test(verb) ? withType(units) : []
}

const unitTypes = /\.(service|socket|timer|path|target)$/

function withType(units: (string | undefined)[]): string[] {
	return units.flatMap((unit) => {
		if (unit === undefined || !/^[\w.@:\\-]+$/.test(unit) || unit.endsWith("@")) return []
		if (unitTypes.test(unit)) return [unit]
		// Mounts, devices and the like are made from elsewhere.
		return /\.(mount|automount|swap|slice|scope|device)$/.test(unit) ? [] : [`${unit}.service`]
	})
}

function nameOf(path: string): string {
	return path.slice(path.lastIndexOf("/") + 1)
}

function folderOf(path: string): string {
	return path.slice(0, path.lastIndexOf("/")) || "/"
}

/** `x` of `x.service` and of `x.container`, `x` of `x@.service` and `x@1.service`. */
function stem(name: string): string {
	return name.replace(/\.[^.]*$/, "").replace(/@.*$/, "")
}

/** Of bash and sh. */
const builtins = new Set(
	". : [ [[ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return set shift shopt source suspend test time times trap true type typeset ulimit umask unalias unset wait in".split(
		" ",
	),
)
