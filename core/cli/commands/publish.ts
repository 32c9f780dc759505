import { FailureError } from "../../schema/failure.ts"
import { printFinding } from "../../schema/finding.ts"
import type { Proposal } from "../../schema/library.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { type LibraryOptions, moduleFolder, withLibrary } from "../library-command.ts"
import { paint } from "../terminal.ts"
import { printChanges } from "./diff.ts"

interface PublishOptions extends LibraryOptions {
	patch?: boolean
	minor?: boolean
	major?: boolean
	as?: string
	note?: string
	dryRun?: boolean
}

/** `hotfix publish MODULE`: commits and tags the next version; with `--dry-run` it only shows what that would be. */
export function publish(options: PublishOptions, module: string): Promise<number> {
	return withLibrary(options, async (library) => {
		const folder = moduleFolder(library, module)
		const proposal = await library.propose(folder)
		const version = chooseVersion(proposal, options)
		if (options.dryRun) return showProposal(options, proposal, version)
		const { base, content } = proposal
		const result = await library.publish({ folder, version, base, content, note: options.note })
		if (options.json) console.log(JSON.stringify(result))
		if (result.state === "changed") {
			process.stderr.write("The files were changed by another program meanwhile; repeat the command.\n")
			return EXIT.badInput
		}
		if (options.json) return EXIT.ok
		for (const finding of proposal.findings) console.log(`${printFinding(finding)} ${paint("yellow", "(warning)")}`)
		console.log(
			`${paint("green", "published")} ${plainText(result.version.version)} as ${plainText(result.version.tag)}`,
		)
		for (const key of result.signedBy) console.log(`signed by ${plainText(key)}`)
		return EXIT.ok
	})
}

function chooseVersion({ versions }: Proposal, { patch, minor, major, as }: PublishOptions): string {
	const kinds = [...(patch ? ["patch"] : []), ...(minor ? ["minor"] : []), ...(major ? ["major"] : [])]
	if (kinds.length + (as === undefined ? 0 : 1) > 1)
		throw new FailureError("bad-request", { reason: "--patch, --minor, --major and --as exclude each other" })
	if (as !== undefined) return as
	const [kind] = kinds
	// A step that leads to the version in the text is that one; before the first version every step is the first one.
	const chosen = kind === undefined ? versions[0] : (versions.find((one) => one.kind === kind) ?? versions[0])
	return chosen?.version ?? "1.0.0"
}

function showProposal({ json }: PublishOptions, proposal: Proposal, version: string): number {
	const faults = proposal.findings.filter(({ severity }) => severity === "fault")
	const exit = faults.length > 0 || proposal.problem ? EXIT.badInput : EXIT.ok
	if (json) {
		console.log(JSON.stringify({ version, ...proposal }))
		return exit
	}
	for (const finding of proposal.findings) process.stderr.write(`${printFinding(finding)}\n`)
	if (proposal.problem) throw new FailureError(proposal.problem.code, proposal.problem.data)
	console.log(`would publish ${version}${proposal.previous ? `, after ${plainText(proposal.previous.version)}` : ""}`)
	for (const key of proposal.signedBy) console.log(`signed by ${plainText(key)}`)
	printChanges(proposal.changes)
	return exit
}
