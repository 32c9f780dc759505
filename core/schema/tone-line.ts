/** A line for a terminal; `tone` is for whoever has colours, and never says more than the words. */
export interface ToneLine {
	text: string
	tone?: "strong" | "bad" | "doubt"
}

export function plainLine(text: string): ToneLine {
	return { text }
}

export function strongLine(text: string): ToneLine {
	return { text, tone: "strong" }
}

export function badLine(text: string): ToneLine {
	return { text, tone: "bad" }
}

export function doubtLine(text: string): ToneLine {
	return { text, tone: "doubt" }
}
