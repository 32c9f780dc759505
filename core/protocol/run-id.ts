/** A new run's id: its time first, so that ids sort; for example `20261123-144712-9f3a2c`. */
export function makeRunId(now = new Date()): string {
	const time = now.toISOString().replace(/[-:]/g, "").replace("T", "-").slice(0, 15)
	const random = Math.floor(Math.random() * 2 ** 24)
	return `${time}-${random.toString(16).padStart(6, "0")}`
}
