import inc from "semver/functions/inc.js"
import { readIndexFile } from "../../folder/read-index-file.ts"
import { readModuleFolder } from "../../folder/read-module-folder.ts"
import { setValue } from "../../schema/edit-index.ts"
import { type Failure, FailureError } from "../../schema/failure.ts"
import { byPlace, type Finding } from "../../schema/finding.ts"
import { nodeAt, parseJsonText } from "../../schema/json-text.ts"
import type { Proposal } from "../../schema/library.ts"
import { readLintedIndex } from "../../schema/module-index.ts"
import { compareVersions, isVersion } from "../../schema/version.ts"
import { digestOf } from "../digest.ts"
import { type Content, readContent } from "./content.ts"
import { committedSide, diffContents, nothing, workingSide } from "./diff-contents.ts"
import { findPlace, type LibraryDeps, requireRepository } from "./module-place.ts"
import { noteFindings } from "./note-findings.ts"
import { publishFindings } from "./publish-findings.ts"
import { filesOf, type KnownVersion } from "./published-versions.ts"
import { readStanding } from "./standing.ts"
import type { ReadTraits } from "./traits.ts"

/** The version that an index names, whatever else is wrong with it. */
export function versionIn(text: string): string | undefined {
	const value = nodeAt(parseJsonText(text).root, ["metadata", "schema_version"])?.value
	return typeof value === "string" && isVersion(value) ? value : undefined
}

/** The text with another version in it; as it is when it is no JSON or names that version already. */
export function withVersion(text: string, version: string): string {
	if (versionIn(text) === version) return text
	try {
		return setValue(text, ["metadata", "schema_version"], version)
	} catch {
		return text // No JSON: its findings say so.
	}
}

/** The next versions, the most likely one first: the text's own where it is higher than what was published. */
export function proposeVersions(text: string | undefined, published: string[]): Proposal["versions"] {
	const [highest] = [...published].sort((a, b) => compareVersions(b, a))
	if (highest === undefined) return [{ version: text ?? "1.0.0", kind: text === undefined ? "minor" : "text" }]
	const own = text !== undefined && compareVersions(text, highest) > 0 ? [{ version: text, kind: "text" as const }] : []
	const steps = (["patch", "minor", "major"] as const).flatMap((kind) => {
		const version = inc(highest, kind)
		return version === null ? [] : [{ version, kind }]
	})
	const all = [...own, ...steps]
	return all.filter(({ version }, index) => all.findIndex((one) => one.version === version) === index)
}

/** Everything that a person looks at before publishing. Writes nothing. */
export async function proposePublish(deps: LibraryDeps, folder: string): Promise<Proposal> {
	const { text } = await readIndexFile(folder, { advice: false })
	const { standing, versions } = await readStanding(deps, folder)
	const proposed = proposeVersions(
		versionIn(text),
		versions.map(({ version }) => version),
	)
	const content = await attempt(() => readContent(folder, deps.cache))
	const [highest] = versions
	const previous = highest?.state === "unreadable" ? undefined : highest
	const changes = await attempt(async () => (content.value ? changesSince(folder, content.value, previous) : []))
	const signers = await attempt(() => deps.signer.names())
	const problem = standing.repository.problem ?? content.failure ?? changes.failure ?? signers.failure
	return {
		base: digestOf(text),
		content: content.value?.id ?? "",
		versions: proposed,
		...(standing.published && { previous: standing.published }),
		findings: await findingsFor(folder, text, proposed[0]?.version ?? "", deps.readTraits),
		changes: changes.value ?? [],
		signedBy: signers.value ?? [],
		...(problem && { problem }),
	}
}

/**
 * The module's findings as if a version were written into it already. With `readTraits` also what is only advice about
 * the files' own bytes.
 */
export async function findingsFor(
	folder: string,
	text: string,
	version: string,
	readTraits?: ReadTraits,
): Promise<Finding[]> {
	const module = await readModuleFolder(folder)
	const ofIndex = (finding: Finding) => !SOURCE_RULES.has(finding.rule)
	const next = withVersion(text, version)
	const index = next === text ? module.findings.filter(ofIndex) : readLintedIndex(next).findings
	const ofSources = module.findings.filter((finding) => !ofIndex(finding))
	const notes = readTraits ? await noteFindings(module, next, readTraits) : []
	return [...index, ...ofSources, ...publishFindings(module, next), ...notes].sort(byPlace)
}

/** Findings of `core/folder` about files; they do not change with the version. */
const SOURCE_RULES = new Set([
	"source-missing",
	"source-unused",
	"source-unreadable",
	"source-folder-refused",
	"source-special",
	"link-leaves-source",
	"link-to-folder",
	"link-broken",
	"name-not-utf-8",
	"not-utf-8",
])

/** What cannot be read is said in the proposal; the rest of it still helps. */
async function attempt<T>(work: () => Promise<T>): Promise<{ value?: T; failure?: Failure }> {
	try {
		return { value: await work() }
	} catch (error) {
		if (error instanceof FailureError) return { failure: error.failure }
		throw error
	}
}

async function changesSince(folder: string, content: Content, previous: KnownVersion | undefined) {
	if (!previous) return diffContents(nothing, workingSide(content.files))
	const { repository, objects } = requireRepository(await findPlace(folder), previous.version)
	const before = committedSide(await filesOf({ repository, objects }, previous.commit), objects)
	return diffContents(before, workingSide(content.files))
}
