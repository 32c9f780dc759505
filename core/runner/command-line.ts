import { FailureError } from "../schema/failure.ts"
import { EXIT } from "../schema/outcome.ts"
import { plainText } from "../schema/plain-text.ts"
import { type Command, UsageError } from "./commands/command.ts"
import { HELP } from "./text/help.ts"
import { type Output, printFailure } from "./text/output.ts"
import { version } from "./version.ts"

/** Each is loaded when it is asked for: what a run does not need would only make its start slow. */
const commands: Record<string, () => Promise<Command>> = {
	plan: async () => (await import("./commands/plan.ts")).plan,
	apply: async () => (await import("./commands/apply.ts")).apply,
	rehearse: async () => (await import("./commands/apply.ts")).rehearse,
	revert: async () => (await import("./commands/revert.ts")).revert,
	recover: async () => (await import("./commands/recover.ts")).recover,
	status: async () => (await import("./commands/look.ts")).status,
	history: async () => (await import("./commands/look.ts")).history,
	attach: async () => (await import("./commands/attach.ts")).attach,
	serve: async () => (await import("./commands/serve.ts")).serve,
	worker: async () => (await import("./commands/worker.ts")).worker,
}

/**
 * Runs `hotfix-runner` with these arguments; resolves to the exit code (DESIGN §6). Never throws, prints no stack trace.
 * `signal`: stop at the next safe point and put the open pool back.
 */
export async function runCommandLine(args: string[], output: Output, signal: AbortSignal): Promise<number> {
	const [name = "", ...rest] = args
	if (args.includes("--help") || name === "help") return say(output, HELP)
	if (name === "--version") return say(output, version)
	try {
		const command = await commandOf(name)
		return await command(rest, output, signal)
	} catch (error) {
		if (error instanceof FailureError) return printFailure(output, error.failure)
		if (error instanceof UsageError) return printUsage(output, error)
		return printUnexpected(output, error)
	}
}

async function commandOf(name: string): Promise<Command> {
	const load = Object.hasOwn(commands, name) ? commands[name] : undefined
	if (load) return load()
	throw new UsageError(name ? `there is no command ${plainText(name, 60)}` : "a command is needed")
}

function say(output: Output, text: string): number {
	output.line(text)
	return EXIT.ok
}

function printUsage(output: Output, { message }: UsageError): number {
	for (const line of message.split("\n")) output.complain(plainText(line))
	output.complain("type `hotfix-runner --help` for what there is")
	return EXIT.badInput
}

/** A fault of this program. A run may be open: recovering is right in any case and does nothing where none is. */
export function printUnexpected(output: Output, error: unknown): number {
	const message = error instanceof Error ? error.message : String(error)
	output.complain(`an unexpected fault: ${plainText(message)}`)
	output.complain("run `hotfix-runner recover`: it puts back what a run left open")
	return EXIT.degraded
}
