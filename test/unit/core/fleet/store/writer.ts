// A program of its own on a shared data folder, for store.test.ts: node writer.ts FOLDER NUMBER
import { openStore } from "../../../../../core/fleet/store/store.ts"
import { makeAppliance, makeRun } from "../make.ts"

const [folder = "", number = ""] = process.argv.slice(2)
const store = openStore(folder, console.error)
for (let i = 0; i < 50; i++) {
	store.appliances.save(makeAppliance({ id: `appliance-${number}-${i}` }))
	store.runs.save(makeRun({ id: `run-${number}-${i}`, run: `r-${number}-${i}`, state: "finished" }), null)
	const time = "2026-01-01T00:00:00Z"
	const events = Array.from({ length: 20 }, (_, seq) => ({ seq: seq + 1, time, run: "r", type: "heartbeat" }))
	store.events.append(`run-${number}-${i}`, events)
}
store.close()
