/** A page: heading, where it comes from, then its parts with a blank line between them. */
export function makePage(title, ...parts) {
	const origin = "Made from the code by `npm run references`; what is written here by hand is lost."
	return `${[`# ${title}`, origin, ...parts].join("\n\n")}\n`
}

/** A table; texts are markdown already. */
export function makeTable(head, rows) {
	const line = (cells) => `| ${cells.map(escapeCell).join(" | ")} |`
	return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n")
}

function escapeCell(text) {
	return text.replaceAll("|", "\\|").replaceAll("\n", " ")
}

export function code(text) {
	return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``
}
