import type { Host } from "../engine/host.ts"

const now = () => Number(process.hrtime.bigint() / 1000n)
/** Microseconds of the monotonic clock: when this process, or the job that it waited for, began. */
let began = now()

/** What failed up to this moment had nothing to do with the run: a worker may have waited long for its job. */
export function countFailedStartsFromNow(): void {
	began = now()
}

/**
 * The host for runs on a system with systemd. A service that broke on a pool's files has been started again and again, until
 * systemd refuses to start it at all for a while: the closure on the restored files would fail for that alone. So whatever
 * has come or gone since `startedAt` (microseconds of the monotonic clock) is not counted any more, also what is up at this
 * very moment, between two crashes. What had failed before stays as it is.
 */
export function makeFreshStartsHost(host: Host, startedAt = () => began): Host {
	return {
		...host,
		async forgetFailedStarts() {
			const changed = await readChangedUnits(host, startedAt())
			if (changed.length > 0) await host.run("systemctl", ["reset-failed", "--", ...changed])
		},
	}
}

async function readChangedUnits({ run }: Host, startedAt: number): Promise<string[]> {
	const properties = "--property=Id,StateChangeTimestampMonotonic"
	const { stdout } = await run("systemctl", ["show", properties, "--", "*.service", "*.socket"])
	return stdout.split("\n\n").flatMap((unit) => {
		const changedAt = Number(/^StateChangeTimestampMonotonic=(\d+)$/m.exec(unit)?.[1])
		const id = /^Id=(.+)$/m.exec(unit)?.[1]
		return id !== undefined && changedAt >= startedAt ? [id] : []
	})
}
