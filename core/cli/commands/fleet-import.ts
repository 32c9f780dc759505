import { existsSync } from "node:fs"
import { dirname, join } from "node:path"
import { text } from "node:stream/consumers"
import { formatOf } from "../../fleet/fleet-import/parse-import.ts"
import { readRegularText } from "../../fleet/ssh/read-regular.ts"
import { FailureError } from "../../schema/failure.ts"
import {
	changesOf,
	type ImportFormat,
	type ImportProblem,
	type ImportRow,
	type ImportSource,
	MAX_IMPORT_TEXT,
} from "../../schema/fleet-import.ts"
import { EXIT } from "../../schema/outcome.ts"
import { plainText } from "../../schema/plain-text.ts"
import { withServices } from "../with-services.ts"
import type { FleetOptions } from "./fleet.ts"

interface ImportOptions extends FleetOptions {
	format?: ImportFormat
	dryRun?: boolean
	update?: boolean
	strict?: boolean
}

/** `hotfix fleet import FILE`: new appliances; with `--update` also changes of those that are there. `-` reads stdin. */
export async function importFleet(options: ImportOptions, file: string): Promise<number> {
	const source = await readSource(file, options.format)
	const sshConfig = source.kind === "ssh-config" ? { sshConfig: file } : {}
	return withServices({ ...options, ...sshConfig }, async ({ fleet }) => {
		const { rows, problems } = await fleet.readImport(source)
		for (const problem of [...problems, ...notesOn(source, file)]) printProblem(problem, file, options)
		const isRefused = options.strict === true && problems.some(({ isNote }) => !isNote)
		const wanted = rows.filter(({ standing }) => standing === "new" || (standing === "changed" && options.update))
		const isDone = !isRefused && !options.dryRun
		if (isDone) fleet.import(wanted)
		for (const row of rows) printRow(row, isDone && wanted.includes(row), options)
		if (!options.json) console.log(`${isDone ? "imported" : "not imported"}: ${wanted.length} of ${rows.length}`)
		return isRefused || rows.length === 0 ? EXIT.badInput : EXIT.ok
	})
}

async function readSource(file: string, format: ImportFormat | undefined): Promise<ImportSource> {
	const given = file === "-" ? await text(process.stdin) : await readFile(file)
	if (given.length > MAX_IMPORT_TEXT) throw unreadable(file, `it has more than ${MAX_IMPORT_TEXT} characters`)
	const meant = format ?? (/(^|[/\\])(ssh_)?config$/.test(file) ? "ssh-config" : formatOf(given, file))
	if (meant !== "ssh-config") return { kind: "text", text: given, format: meant }
	// It may include others, and is judged by who may write to it.
	if (file === "-") throw unreadable(file, "an SSH configuration is read from its file")
	return { kind: "ssh-config" }
}

async function readFile(file: string): Promise<string> {
	try {
		return await readRegularText(file, MAX_IMPORT_TEXT * 3)
	} catch (cause) {
		throw unreadable(file, cause instanceof Error ? cause.message : String(cause))
	}
}

/** Folders that Ansible would read beside an inventory. */
function notesOn(source: ImportSource, file: string): ImportProblem[] {
	if (source.kind !== "text" || source.format === "csv" || file === "-") return []
	const beside = ["group_vars", "host_vars"].filter((folder) => existsSync(join(dirname(file), folder)))
	return beside.map((folder) => ({ text: `${folder} beside this file is not read`, isNote: true }))
}

function unreadable(file: string, why: string): FailureError {
	return new FailureError("bad-request", { reason: `cannot read ${file}: ${why}` })
}

function printProblem({ line, text, isNote }: ImportProblem, file: string, { json }: ImportOptions): void {
	if (json) console.log(JSON.stringify({ [isNote ? "note" : "problem"]: text, ...(line !== undefined && { line }) }))
	else process.stderr.write(`${plainText(`${file}${line === undefined ? "" : `:${line}`}: ${text}`, 600)}\n`)
}

function printRow(row: ImportRow, isImported: boolean, { json, update }: ImportOptions): void {
	const { name, user, host, port } = row.appliance
	const changes = changesOf(row)
	if (json) {
		console.log(JSON.stringify({ ...row, changes, isImported }))
		return
	}
	const hint = row.standing === "changed" && !update ? " (--update changes it)" : ""
	console.log(plainText(`${row.standing}: ${name}, ${user}@${host}:${port}${hint}`, 600))
	for (const { field, from, to } of changes)
		console.log(plainText(`  ${field}: ${from || "nothing"} -> ${to || "nothing"}`, 600))
}
