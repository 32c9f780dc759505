/** Rows as lines, each column as wide as its widest cell; nothing after the last cell. */
export function makeTable(rows: string[][], indent = ""): string[] {
	const widths: number[] = []
	for (const row of rows) {
		for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length)
	}
	return rows.map(
		(row) =>
			indent +
			row
				.map((cell, column) => cell.padEnd(widths[column] ?? 0))
				.join("  ")
				.trimEnd(),
	)
}

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB"]

/** Bytes for a person: 0 B, 12.3 KiB, 4 GiB. */
export function makeSize(bytes: number): string {
	let size = bytes
	let unit = 0
	while (size >= 1024 && unit < UNITS.length - 1) {
		size /= 1024
		unit++
	}
	const rounded = unit === 0 || size >= 100 ? Math.round(size) : Math.round(size * 10) / 10
	return `${rounded} ${UNITS[unit]}`
}
