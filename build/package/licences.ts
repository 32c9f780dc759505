import type { Piece } from "./pieces.ts"

const HEAD = `This program contains the work of others. What follows names each piece, its licence, and the text that goes with it.
Electron contains Chromium and more: see LICENSE.electron.txt and LICENSES.chromium.html beside the program.
`
const RULE = `\n${"-".repeat(80)}\n`

/** The list of licences that travels with the program; pieces with the same text share it. */
export function makeLicences(pieces: readonly Piece[]): string {
	const byText = Map.groupBy(pieces, ({ licence, texts }) =>
		texts.length > 0 ? texts.join("\n\n") : `Its package says ${licence} and has no text of it.`,
	)
	const sections = [...byText].map(([text, those]) => `${those.map(lineOf).join("\n")}\n\n${text}\n`)
	return [HEAD, ...sections].join(RULE)
}

const lineOf = ({ name, version, licence }: Piece) => `${name} ${version} (${licence})`
