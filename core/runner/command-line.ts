import { FailureError } from "../schema/failure.ts"
import { EXIT } from "../schema/outcome.ts"
import { plainText } from "../schema/plain-text.ts"
import { apply, rehearse } from "./commands/apply.ts"
import { attach } from "./commands/attach.ts"
import { type Command, UsageError } from "./commands/command.ts"
import { history, status } from "./commands/look.ts"
import { plan } from "./commands/plan.ts"
import { recover } from "./commands/recover.ts"
import { revert } from "./commands/revert.ts"
import { serve } from "./commands/serve.ts"
import { worker } from "./commands/worker.ts"
import { HELP } from "./text/help.ts"
import { type Output, printFailure } from "./text/output.ts"
import { version } from "./version.ts"

const commands: Record<string, Command> = {
	plan,
	apply,
	rehearse,
	revert,
	recover,
	status,
	history,
	attach,
	serve,
	worker,
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
		return await commandOf(name)(rest, output, signal)
	} catch (error) {
		if (error instanceof FailureError) return printFailure(output, error.failure)
		if (error instanceof UsageError) return printUsage(output, error)
		return printUnexpected(output, error)
	}
}

function commandOf(name: string): Command {
	const command = Object.hasOwn(commands, name) ? commands[name] : undefined
	if (command) return command
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
