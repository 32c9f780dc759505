import type { ImportFormat } from "../../schema/fleet-import.ts"
import { parseFleetCsv } from "./parse-csv.ts"
import { parseIniInventory } from "./parse-ini.ts"
import { parseYamlInventory } from "./parse-yaml.ts"
import type { Parsed } from "./problems.ts"

export type TextFormat = Exclude<ImportFormat, "ssh-config">

const PARSERS: Readonly<Record<TextFormat, (text: string) => Parsed>> = {
	csv: parseFleetCsv,
	"ansible-ini": parseIniInventory,
	"ansible-yaml": parseYamlInventory,
}

/** What a text says of a fleet. Pure; never throws. */
export function parseImport(text: string, format: TextFormat): Parsed {
	return PARSERS[format](text)
}

/** The format of a text by its file's name, else by how it looks. */
export function formatOf(text: string, name = ""): TextFormat {
	if (/\.(csv|tsv)$/i.test(name)) return "csv"
	if (/\.(yml|yaml)$/i.test(name)) return "ansible-yaml"
	if (/\.(ini|cfg)$/i.test(name)) return "ansible-ini"
	const first = /^(?:\ufeff|\s|[#;].*\n|---.*\n)*(.*)/.exec(text)?.[1] ?? ""
	if (/^["']?[\w.-]+["']?:\s*(#.*)?$/.test(first)) return "ansible-yaml"
	if (/^\[|=/.test(first)) return "ansible-ini"
	return /[,;\t]/.test(first) || /^"?(host|name|address|ip)"?$/i.test(first) ? "csv" : "ansible-ini"
}
