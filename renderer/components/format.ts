import { formatMoment } from "../../core/schema/phrases.ts"

export { count, formatMoment } from "../../core/schema/phrases.ts"

/** A length of time for people: "340 ms", "4.2 s", "3 min 05 s", "1 h 02 min". */
export function formatDuration(milliseconds: number): string {
	if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`
	const seconds = milliseconds / 1000
	if (seconds < 59.95) return `${seconds.toFixed(1)} s`
	const minutes = Math.floor(Math.round(seconds) / 60)
	if (minutes < 60) return `${minutes} min ${String(Math.round(seconds) % 60).padStart(2, "0")} s`
	return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, "0")} min`
}

const units = ["B", "KiB", "MiB", "GiB", "TiB"]

/** A size for people: "812 B", "1.5 MiB". */
export function formatBytes(bytes: number): string {
	let value = bytes
	let unit = 0
	while (value >= 1024 && unit < units.length - 1) {
		value /= 1024
		unit += 1
	}
	return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

/** How long ago: "just now", "4 min ago", "3 h ago", "2 days ago"; from then on the date. */
export function formatAgo(time: string, now: number): string {
	const seconds = (now - Date.parse(time)) / 1000
	if (Number.isNaN(seconds)) return time
	if (seconds < 45) return "just now"
	if (seconds < 3600) return `${Math.max(1, Math.round(seconds / 60))} min ago`
	if (seconds < 86_400) return `${Math.round(seconds / 3600)} h ago`
	const days = Math.round(seconds / 86_400)
	return days < 14 ? `${days === 1 ? "1 day" : `${days} days`} ago` : formatMoment(time)
}
