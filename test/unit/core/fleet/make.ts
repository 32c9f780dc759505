import type { Appliance } from "../../../../core/schema/appliance.ts"
import type { DesktopRun } from "../../../../core/schema/desktop.ts"

export function makeAppliance(change: Partial<Appliance> = {}): Appliance {
	return {
		id: "a1",
		name: "Alpha",
		host: "alpha.test",
		port: 22,
		user: "root",
		signIn: { method: "agent" },
		become: "none",
		tags: [],
		notes: "",
		...change,
	}
}

export function makeRun(change: Partial<DesktopRun> = {}): DesktopRun {
	return {
		id: "run-1",
		batch: "batch-1",
		applianceId: "a1",
		applianceName: "Alpha",
		module: { name: "hotfix", version: "1.0.0", digest: "0".repeat(64) },
		kind: "apply",
		state: "running",
		startedAt: "2026-01-01T00:00:00Z",
		pools: [],
		...change,
	}
}
