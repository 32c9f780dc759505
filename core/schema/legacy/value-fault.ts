import type { JsonPath } from "../json-text.ts"
import { MAX_SECONDS, textRules } from "../module-rules.ts"
import { DEFAULT_STATE_FOLDER } from "../state-folder.ts"

/** Why a value cannot stand where it would go. */
export interface ValueFault {
	message: string
	remedy: string
}

/** The first rule of the new format that a text would break there, for example at `["finalClosure", "*"]`. */
export function findTextFault(at: JsonPath, text: string): ValueFault | undefined {
	const place = at.join("/")
	const rule = textRules.find(
		(row) => row.at.join("/") === place && row.isWrong(text, { stateFolder: DEFAULT_STATE_FOLDER }),
	)
	return rule && { message: rule.message(text), remedy: rule.remedy }
}

export function isTimeLimit(seconds: number): boolean {
	return seconds > 0 && seconds <= MAX_SECONDS
}
