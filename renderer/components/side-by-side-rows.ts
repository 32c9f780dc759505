interface Side {
	line: number
	text: string
}

/** One row of two texts beside each other: the same line, a changed one, or lines that are left out. */
export type Row =
	| { kind: "same"; left: Side; right: Side }
	| { kind: "changed"; left?: Side | undefined; right?: Side | undefined }
	| { kind: "gap"; text: string }

/** The rows of a unified diff: what was removed stands beside what was added in its place. */
export function rowsOf(diff: string): Row[] {
	const rows: Row[] = []
	let [left, right] = [0, 0]
	let [removed, added]: [Side[], Side[]] = [[], []]
	const flush = () => {
		for (let index = 0; index < Math.max(removed.length, added.length); index++)
			rows.push({ kind: "changed", left: removed[index], right: added[index] })
		removed = []
		added = []
	}
	const lines = diff === "" ? [] : diff.replace(/\n$/, "").split("\n")
	// Its two file headers say nothing that the titles do not.
	for (const line of lines.slice(lines[0]?.startsWith("--- ") ? 2 : 0)) {
		const text = line.slice(1)
		const hunk = /^@@ -(\d+)(?:,\d+)? \+(\d+)/.exec(line)
		if (hunk) {
			flush()
			left = Number(hunk[1])
			right = Number(hunk[2])
			rows.push({ kind: "gap", text: `line ${left}` })
		} else if (line.startsWith("-")) removed.push({ line: left++, text })
		else if (line.startsWith("+")) added.push({ line: right++, text })
		else if (!line.startsWith("\\")) {
			flush()
			rows.push({ kind: "same", left: { line: left++, text }, right: { line: right++, text } })
		}
	}
	flush()
	return rows
}
