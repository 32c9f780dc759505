import { Command, CommanderError, InvalidArgumentError, Option } from "commander"
import { FailureError } from "../schema/failure.ts"
import { importFormatSchema } from "../schema/fleet-import.ts"
import { EXIT } from "../schema/outcome.ts"
import type { ApplianceOptions } from "./appliance-options.ts"
import { add as addFiles } from "./commands/add.ts"
import { checkout } from "./commands/checkout.ts"
import { demo } from "./commands/demo.ts"
import { diff } from "./commands/diff.ts"
import { exportFleet, listFleet, listGroups } from "./commands/fleet.ts"
import { importFleet } from "./commands/fleet-import.ts"
import { history } from "./commands/history.ts"
import { importLegacy } from "./commands/import-legacy.ts"
import { listKeys, useKeys, useNoKey } from "./commands/key.ts"
import { lint } from "./commands/lint.ts"
import { newModule } from "./commands/new.ts"
import { plan } from "./commands/plan.ts"
import { publish } from "./commands/publish.ts"
import { rehearse } from "./commands/rehearse.ts"
import { revert } from "./commands/revert.ts"
import { rolloutStatus, startRollout, tellRollout } from "./commands/rollout.ts"
import { prepareRollout } from "./commands/rollout-prepare.ts"
import { reportRollout } from "./commands/rollout-report.ts"
import { run } from "./commands/run.ts"
import { serve } from "./commands/serve.ts"
import { statement } from "./commands/statement.ts"
import { validate } from "./commands/validate.ts"
import { versions } from "./commands/versions.ts"
import { printFailure, printUnexpected } from "./print-failure.ts"
import { version } from "./version.ts"

/** Runs `hotfix` with these arguments; resolves to the exit code (DESIGN §6, §8). Never throws, prints no stack trace. */
export async function runCommandLine(args: string[]): Promise<number> {
	let exit: number = EXIT.ok
	const program = makeProgram((code) => {
		exit = code
	})
	try {
		await program.parseAsync(args, { from: "user" })
		return exit
	} catch (error) {
		if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.badInput
		if (error instanceof FailureError) return printFailure(error.failure)
		return printUnexpected(error)
	}
}

/** A command answers with its exit code. */
type Action<Options> = (options: Options, ...operands: string[]) => Promise<number>

/** All commands with their options; `ended` gets a command's exit code. */
export function makeProgram(ended: (code: number) => void): Command {
	const program = new Command("hotfix")
		.description("Repairs files on appliances over SSH; a pool that does not prove itself is put back.")
		.version(version)
		.option("--data <folder>", "where everything of this user lives (default: the platform's place for it)")
		.exitOverride()
		.showHelpAfterError("type `hotfix --help` for what there is")
	const addTo =
		(parent: Command, names: string): Add =>
		(usage, description, action) =>
			parent
				.command(usage)
				.description(description)
				// An option that takes several values would take the module for one of them.
				.showHelpAfterError(
					`usage: ${names} ${usage} [options], in this order; ${names} ${usage.split(" ")[0]} --help tells more`,
				)
				.action(async (...given: unknown[]) => {
					const operands = given.flat().filter((one): one is string => typeof one === "string")
					const command = given.at(-1) as Command
					ended(await (action as Action<object>)(command.optsWithGlobals(), ...operands))
				})
	const add = addTo(program, "hotfix")

	add("validate <module>", "check a module folder; every fault with its place", validate).addOption(
		new Option("--json", "findings as JSON, one a line"),
	)
	addLibrary(add)
	withAppliances(add("plan <module>", "show what a run would do, without doing it", plan))
	withAppliances(add("run <module>", "apply a module; each pool is put back when it fails", run))
		.option("--force", "also pools that stand applied at this version")
		.option("--allow-downgrade", "also a version lower than the one that stands there")
		.option("--timeout <seconds>", "time limit per command, in place of each pool's own", wholeNumber)
	withAppliances(add("rehearse <module>", "a run that is always put back, to prove fix and way back", rehearse))
		.option("--modify", "change each existing file first, as its owner might have")
		.option("--timeout <seconds>", "time limit per command, in place of each pool's own", wholeNumber)
	withAppliances(add("revert", "put one applied pool back to what stood before it", revert))
		.option("--run <id>", "back to what stood before this run (default: the newest that applied the pool)")
		.option("--original", "back to the customer's original")
		.option("--force", "also where somebody changed a file since; that change is lost")
	withAppliances(
		add("history", "pools and their outcomes: this desktop's record, or with --on the appliance's own", history),
	)
		.option("--limit <number>", "how many, newest first (default: 50)", wholeNumber)
		.addOption(new Option("--csv", "a table for a spreadsheet, a pool a line").conflicts("json"))
	const fleet = program.command("fleet").description("the appliances of this desktop: list, import, export")
	addFleet(addTo(fleet, "hotfix fleet"))
	const keys = program.command("key").description("the keys that sign what is published here")
	addKeys(addTo(keys, "hotfix key"))
	const rollouts = program.command("rollout").description("one module version to many appliances, in waves")
	addRollout(addTo(rollouts, "hotfix rollout"))
	add(
		"import-legacy <folder>",
		"make a module of pools from an operation-based one, and say what became of each part",
		importLegacy,
	)
		.requiredOption("--to <folder>", "the new module's folder, which must not exist yet")
		.option("--strict", "write nothing unless everything is converted")
		.option("--json", "what became of each part as JSON, one object a line")
	add("serve", "open the app in the system's browser", serve)
		.option("--port <number>", "port on loopback (default: a free one)", port)
		.option("--no-open", "print the address only")
	add("demo", "the main job on three embedded appliances; nothing to install, nothing left behind", demo).option(
		"--json",
		"events as JSON, one a line",
	)
	return program
}

type Add = <Options>(usage: string, description: string, action: Action<Options>) => Command

/** The appliances of this desktop. */
function addFleet(add: Add): void {
	withChoice(add("list", "the appliances, and how each stood last time", listFleet)).option(
		"--json",
		"one JSON object a line",
	)
	add(
		"import <file>",
		"take appliances over from a CSV table, an Ansible inventory or an SSH configuration",
		importFleet,
	)
		.addOption(new Option("--format <format>", "where the file does not show it").choices(importFormatSchema.options))
		.option("--dry-run", "show what would be imported, import nothing")
		.option("--update", "also change appliances that are in the fleet already")
		.option("--strict", "import nothing where a part of the file is not understood")
		.option("--json", "each appliance and each problem as JSON, one object a line")
	withChoice(add("export", "print the appliances as a table or an inventory", exportFleet))
		.addOption(new Option("--format <format>", "csv or ansible-yaml").choices(["csv", "ansible-yaml"]).default("csv"))
		.option("--json", "one JSON object a line")
	add("groups", "the saved groups", listGroups).option("--json", "one JSON object a line")
}

function addKeys(add: Add): void {
	add("use <files...>", "sign by these keys of the SSH agent, named by their public halves", useKeys)
	add("list", "the keys that sign, as lines for an appliance's trusted keys", listKeys)
	add("none", "sign no more", useNoKey)
}

/** Which appliances of the fleet are meant. */
function withChoice(command: Command): Command {
	return command
		.option("--group <name>", "the appliances of the fleet that are in this saved group")
		.option("--filter <filter>", "the appliances of the fleet that fit, for example 'tag:bakery seen:<7d'")
}

/** The commands that write modules; MODULE is a folder, or a name in the library. */
function addLibrary(add: Add): void {
	const json = (command: Command, what = "data as JSON") => command.option("--json", what)
	json(add("new <name>", "make a module that is sound as it stands", newModule))
		.option("--in <folder>", "where (default: the library of this desktop)")
		.option("--description <text>", "what it is for")
	json(
		add("lint <module>", "everything that publishing would say about a module", lint),
		"findings as JSON, one a line",
	)
	json(add("add <module> <files...>", "put files into src/ of a module", addFiles))
		.option("--pool <id>", "with --to: add an operation for each to this pool")
		.option("--to <destination>", "absolute path on the appliance; ends with / for a folder")
		.option("--as <target>", "name below src/, for one file")
		.option("--replace", "also files that are there with other content")
	json(add("publish <module>", "commit and tag the next version of a module", publish))
		.option("--patch", "the next patch version (default, unless index.json names a higher one)")
		.option("--minor", "the next minor version")
		.option("--major", "the next major version")
		.option("--as <version>", "this version")
		.option("--note <text>", "what it is about, for the commit")
		.option("--dry-run", "show findings and differences, publish nothing")
	add("statement <module>", "what a signature of a module is made over", statement)
	json(add("versions <module>", "what was published of a module", versions))
	json(add("checkout <module> <version>", "make the working files those of a published version", checkout)).option(
		"--keep-changes",
		"keep what is in no published version under a name of its own",
	)
	json(
		add(
			"diff <module> [from] [to]",
			"between two versions (default: the last published one and the working files)",
			diff,
		),
	)
}

function addRollout(add: Add): void {
	const waiting = ["--wait", "also without a terminal, wait for appliances that are away"] as const
	withAppliances(add("prepare <module>", "what to know of all appliances before anything is changed", prepareRollout))
		.addOption(wholeFleet("every appliance of this desktop's fleet, in place of --on, --group and --filter"))
		.option("--diff", "each variant of a file beside ours")
		.option("--force", "also pools that stand applied at this version")
		.option("--allow-downgrade", "also a version lower than the one that stands there")
	withAppliances(add("start <module>", "begin one, and follow it until it ends or needs a person", startRollout))
		.addOption(wholeFleet("to every appliance of this desktop's fleet, in place of --on, --group and --filter"))
		.option(
			"--canary <appliance...>",
			"those of them that come first; they are the first wave unless --wave says otherwise",
		)
		.option("--wave <size...>", "sizes of the first waves, in appliances or percent (default: 1 5% 20%)")
		.option("--gate <what>", "after each wave: none, person, or seconds to wait (default: none)")
		.option("--at-once <number>", "appliances worked on at the same time (default: 10)", wholeNumber)
		.option("--per-jump <number>", "of those behind one jump host (default: 8)", wholeNumber)
		.option(
			"--stop-after <limit>",
			"failed appliances of all: a number, a percentage or both, or never (default: 3,5%)",
		)
		.option("--stop-wave-after <limit>", "failed appliances of the wave (default: 1)")
		.option("--unreachable <limit>", "appliances that cannot be reached (default: 20%)")
		.option("--retry-every <seconds>", "try those again so often (default: 300)", wholeNumber)
		.option("--give-up-after <seconds>", "and no longer than this (default: a week)", wholeNumber)
		.option("--force", "also pools that stand applied at this version")
		.option("--allow-downgrade", "also a version lower than the one that stands there")
		.option("--preview", "show waves and limits, do nothing")
		.option("--yes", "begin without asking")
		.option(...waiting)
	withAppliances(add("status [rollout]", "how it stands, or all of them", rolloutStatus))
	add(
		"report <rollout>",
		"how it stands with every appliance, for a ticket; JSON Lines where no file is named",
		reportRollout,
	)
		.option("--html <file>", "write it as a page that loads nothing")
		.option("--jsonl <file>", "write it as JSON Lines")
	const tell = (name: string, description: string, type: "pause" | "go-on" | "halt" | "retry" | "undo") =>
		withAppliances(
			add(`${name} <rollout>`, description, (options: ApplianceOptions, id) =>
				tellRollout(options, { type }, String(id)),
			),
		)
	tell("pause", "start no more appliances; what runs goes on", "pause")
	tell("resume", "go on after a pause, a stop or at a gate; what has failed so far is accepted", "go-on").option(
		...waiting,
	)
	tell("halt", "end it where it stands", "halt").option("--yes", "do not ask")
	tell("retry", "try those that failed or were given up again, then go on with the waves", "retry").option(...waiting)
	tell("undo", "put back what it applied, pool by pool", "undo")
		.option("--yes", "do not ask")
		.option(...waiting)
	withAppliances(
		add(
			"skip <rollout> <appliances...>",
			"leave out appliances that have not begun, or whose run is lost: that run is not stopped",
			(options: ApplianceOptions, ...given) =>
				tellRollout(options, { type: "skip", applianceIds: given.slice(1) }, String(given[0])),
		),
	)
}

/** Not beside another choice: a mistake would go to everybody. */
function wholeFleet(description: string): Option {
	return new Option("--fleet", description).conflicts(["on", "group", "filter"])
}

/** The options that mean the same in every command that talks to an appliance (DESIGN §8). */
function withAppliances(command: Command): Command {
	return withChoice(command)
		.option("--on <appliance...>", "[user@]host[:port], or an appliance's name in this desktop's fleet")
		.option("--identity <file>", "private key (default: the SSH agent's, then those of the SSH configuration)")
		.option("--password", "sign in with a password, asked for or read from --password-file")
		.option("--password-file <file>", "where the sign-in password is read from")
		.option("--passphrase-file <file>", "where the passphrase of --identity is read from")
		.option("--known-hosts <file>", "host keys to trust (default: ~/.ssh/known_hosts and this desktop's own)")
		.option("--ssh-config <file>", "SSH configuration, or none (default: ~/.ssh/config)")
		.option("--jump <hosts>", "jump hosts on the way, [user@]host[:port], separated by commas; none goes straight")
		.option("--trust <fingerprint...>", "trust an unknown host key with this SHA256 fingerprint")
		.option("--sudo", "become root through sudo")
		.option("--doas", "become root through doas, which must ask for no password")
		.option("--sudo-password-file <file>", "where the password for sudo is read from")
		.option("--pool <id...>", "only this pool")
		.option("--json", "machine-readable, one JSON object a line")
}

/** Seconds, counts. */
function wholeNumber(text: string): number {
	const number = Number(text)
	if (Number.isSafeInteger(number) && number > 0) return number
	throw new InvalidArgumentError("a whole number above 0 is needed.")
}

function port(text: string): number {
	const number = wholeNumber(text)
	if (number <= 65_535) return number
	throw new InvalidArgumentError("a port from 1 to 65535 is needed.")
}
