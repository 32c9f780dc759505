import type { Services } from "../../fleet/services/types.ts"
import { FailureError } from "../../schema/failure.ts"
import { EXIT } from "../../schema/outcome.ts"
import type { Preparation, PreparedFinding, Preparing } from "../../schema/rollout-prepare.ts"
import { sentenceOf } from "../../schema/sentences.ts"
import { type ApplianceOptions, chooseAppliances } from "../appliance-options.ts"
import { diffKey, prepareLines, VARIANTS } from "../prepare-lines.ts"
import { exitOfFailure } from "../print-failure.ts"
import { createStatusLine, paintLine } from "../terminal.ts"
import { withServices } from "../with-services.ts"
import { worstExit } from "../worst-exit.ts"

interface PrepareOptions extends ApplianceOptions {
	force?: boolean
	allowDowngrade?: boolean
	diff?: boolean
}

/** `hotfix rollout prepare MODULE`: what to know of every appliance before anything is changed on any. */
export function prepareRollout(options: PrepareOptions, folder: string): Promise<number> {
	return withServices(options, async (services) => {
		const appliances = await chooseAppliances(services, options)
		const { pool: pools, force, allowDowngrade, json } = options
		const applianceIds = appliances.map(({ id }) => id)
		const request = { folder, applianceIds, pools, force, allowDowngrade }
		const whole = await follow(services.preparation.prepare(request), json ?? false)
		if (!whole) return EXIT.unreachable
		if (json) console.log(JSON.stringify({ type: "prepared", ...whole }))
		else {
			const diffs = options.diff ? await readDiffs(services, folder, whole) : new Map()
			console.log(prepareLines(whole, diffs).map(paintLine).join("\n"))
		}
		return worstExit(whole.findings.map(({ finding }) => exitOfFinding(finding)))
	})
}

/** Shows how far it is; resolves to the last that is known. */
async function follow(items: AsyncIterable<Preparing>, json: boolean): Promise<Preparation | undefined> {
	const status = createStatusLine()
	let whole: Preparation | undefined
	for await (const item of items) {
		if (item.kind === "prepared") whole = item.preparation
		else if (json) console.log(JSON.stringify({ type: item.kind, ...item, kind: undefined }))
		else if (item.kind === "progress") status.show(`  ... ${item.done} of ${item.total} appliances looked at`)
	}
	status.clear()
	return whole
}

/** Of each variant that is neither ours nor missing, against our source, as it is on its first appliance. */
async function readDiffs(
	{ applianceFiles }: Services,
	folder: string,
	whole: Preparation,
): Promise<Map<string, string>> {
	const diffs = new Map<string, string>()
	for (const [index, { target, destination, variants }] of whole.files.entries())
		for (const [place, { origin, places, digest }] of variants.slice(0, VARIANTS).entries()) {
			const applianceId = whole.appliances[places[0] ?? -1]?.id
			if (digest === undefined || origin.kind === "ours" || applianceId === undefined) continue
			const diff = await readDiff(applianceFiles, { folder, applianceId, target, destination })
			diffs.set(diffKey(index, place), diff)
		}
	return diffs
}

/** One that cannot be read by now says why, and holds no other up. */
async function readDiff(
	applianceFiles: Services["applianceFiles"],
	asked: Parameters<Services["applianceFiles"]["compareFile"]>[0],
): Promise<string> {
	try {
		return (await applianceFiles.compareFile(asked)).oursToTheirs ?? "cannot be shown line by line"
	} catch (error) {
		if (error instanceof FailureError) return sentenceOf(error.failure).what
		throw error
	}
}

function exitOfFinding(finding: PreparedFinding): number {
	if (finding.kind === "failure") return exitOfFailure(finding.failure)
	if (finding.kind === "refused") return EXIT.badInput
	return finding.kind === "blocked" ? EXIT.failed : EXIT.ok
}
