/** A message as a sentence: messages are lowercase without full stop, so that they can stand in a line of others. */
export function sentence(text: string): string {
	const first = text.charAt(0).toUpperCase() + text.slice(1)
	return /[.!?]$/.test(first) ? first : `${first}.`
}

/** "1 pool", "3 pools". */
export function count(number: number, word: string): string {
	return `${number} ${word}${number === 1 ? "" : "s"}`
}

/** Date and time in the person's own zone: "23 Nov 2026, 02:14:09". */
export function formatMoment(time: string): string {
	return formatWith(times, time)
}

/** The same with the zone, for who reads it elsewhere: "23 Nov 2026, 02:14:09 CET". */
export function formatZonedMoment(time: string): string {
	return formatWith(zonedTimes, time)
}

function formatWith(clock: Intl.DateTimeFormat, time: string): string {
	const date = new Date(time)
	if (Number.isNaN(date.getTime())) return time
	return `${days.format(date)}, ${clock.format(date)}`
}

// Made once: a grid has thousands of moments.
const days = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" })
const times = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" })
const zonedTimes = new Intl.DateTimeFormat("en-GB", {
	...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
})
