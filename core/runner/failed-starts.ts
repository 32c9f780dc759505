import type { Host } from "../engine/host.ts"

/**
 * The host for runs on a system with systemd. A service that broke on a pool's files has been started again and again, until
 * systemd refuses to start it at all for a while: the closure on the restored files would fail for that alone. So what has
 * failed since `startedAt` (microseconds of the monotonic clock) may be started anew. What had failed before stays as it is.
 */
export function makeFreshStartsHost(host: Host, startedAt: number): Host {
	return {
		...host,
		async forgetFailedStarts() {
			const failed = await readFailedUnits(host, startedAt)
			if (failed.length > 0) await host.run("systemctl", ["reset-failed", "--", ...failed])
		},
	}
}

async function readFailedUnits({ run }: Host, startedAt: number): Promise<string[]> {
	const list = await run("systemctl", [
		"list-units",
		"--state=failed,auto-restart",
		...["--plain", "--no-legend", "--no-pager", "--full"],
	])
	const units = list.stdout.split("\n").flatMap((line) => line.trim().split(/\s+/, 1)[0] || [])
	if (units.length === 0) return []
	const shown = await run("systemctl", ["show", "--property=Id,StateChangeTimestampMonotonic", "--", ...units])
	return shown.stdout.split("\n\n").flatMap((block) => {
		const changedAt = Number(/^StateChangeTimestampMonotonic=(\d+)$/m.exec(block)?.[1])
		const id = /^Id=(.+)$/m.exec(block)?.[1]
		return id !== undefined && changedAt >= startedAt ? [id] : []
	})
}
